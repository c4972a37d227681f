// Clocks and timers.
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static long long ns_of(clockid_t clock) {
  struct timespec now;
  OK(clock_gettime(clock, &now));
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

CHECK("the monotonic clock never goes back in 100,000 readings") {
  long long before = 0, backwards = 0;
  for (int i = 0; i < 100000; i++) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long ns = now.tv_sec * 1000000000LL + now.tv_nsec;
    backwards += ns < before;
    before = ns;
  }
  EQUAL(backwards, 0);
}

CHECK("every clock there should be ticks") {
  clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_TAI, CLOCK_REALTIME_COARSE,
                        CLOCK_MONOTONIC_COARSE};
  for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    long long before = ns_of(clocks[i]);
    sleep_ms(30);
    TRUE(ns_of(clocks[i]) > before);
  }
}

CHECK("an unknown clock is EINVAL") { FAILS(clock_gettime(77, &(struct timespec){0}), EINVAL); }

CHECK("clock_getres is a nanosecond with high resolution timers") {
  struct timespec resolution;
  OK(clock_getres(CLOCK_MONOTONIC, &resolution));
  EQUAL(resolution.tv_sec, 0);
  EQUAL(resolution.tv_nsec, 1);
}

CHECK("nanosleep sleeps no less than asked") {
  for (int ms = 1; ms <= 64; ms *= 4) {
    long long before = ns_of(CLOCK_MONOTONIC);
    OK(nanosleep(&(struct timespec){0, ms * 1000000L}, 0));
    TRUE(ns_of(CLOCK_MONOTONIC) - before >= ms * 1000000LL);
  }
}

CHECK("clock_nanosleep until a time that is past returns at once") {
  EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){0, 1}, 0), 0);
}

CHECK("clock_nanosleep sleeps until the time given") {
  struct timespec until;
  OK(clock_gettime(CLOCK_MONOTONIC, &until));
  long long target = until.tv_sec * 1000000000LL + until.tv_nsec + 50000000;
  until = (struct timespec){target / 1000000000, target % 1000000000};
  EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, 0), 0);
  TRUE(ns_of(CLOCK_MONOTONIC) >= target);
}

static volatile int count;
static void on_timer(int number) { count++; }

CHECK("an interrupted sleep tells what was left") {
  struct timespec left = {0};
  signal(SIGALRM, on_timer);
  OK(setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 50000}}, 0));
  FAILS(nanosleep(&(struct timespec){60, 0}, &left), EINTR);
  TRUE(left.tv_sec >= 50 && left.tv_sec < 60);
}

CHECK("a POSIX timer signals with its value") {
  timer_t timer;
  sigset_t set;
  siginfo_t got;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  OK(sigprocmask(SIG_BLOCK, &set, 0));
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 55};
  OK(timer_create(CLOCK_MONOTONIC, &event, &timer));
  OK(timer_settime(timer, 0, &(struct itimerspec){{0, 0}, {0, 10000000}}, 0));
  EQUAL(sigwaitinfo(&set, &got), SIGRTMIN);
  EQUAL(got.si_value.sival_int, 55);
  EQUAL(got.si_code, SI_TIMER);
  OK(timer_delete(timer));
}

CHECK("a POSIX timer that was not waited for tells its overruns") {
  timer_t timer;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  OK(sigprocmask(SIG_BLOCK, &set, 0));
  OK(timer_create(CLOCK_MONOTONIC, &(struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN}, &timer));
  OK(timer_settime(timer, 0, &(struct itimerspec){{0, 10000000}, {0, 10000000}}, 0));
  sleep_ms(120);
  siginfo_t got;
  EQUAL(sigwaitinfo(&set, &got), SIGRTMIN);
  TRUE(got.si_overrun >= 5);
}

CHECK("a timer on the process's CPU time does not count sleep") {
  timer_t timer;
  struct itimerspec left;
  OK(timer_create(CLOCK_PROCESS_CPUTIME_ID, &(struct sigevent){.sigev_notify = SIGEV_NONE}, &timer));
  OK(timer_settime(timer, 0, &(struct itimerspec){{0, 0}, {10, 0}}, 0));
  sleep_ms(200);
  OK(timer_gettime(timer, &left));
  EQUAL(left.it_value.tv_sec, 9);
  TRUE(left.it_value.tv_nsec > 800000000);
}

CHECK("CPU time grows with work and not with sleep") {
  long long start = ns_of(CLOCK_PROCESS_CPUTIME_ID);
  sleep_ms(100);
  long long slept = ns_of(CLOCK_PROCESS_CPUTIME_ID) - start;
  for (long long until = now_ms() + 200; now_ms() < until;)
    ;
  TRUE(ns_of(CLOCK_PROCESS_CPUTIME_ID) - start - slept > 2 * slept);
}

CHECK("getrusage and times agree on CPU time to two ticks") {
  struct rusage usage;
  struct tms tms;
  for (long long until = now_ms() + 200; now_ms() < until;)
    ;
  times(&tms);
  OK(getrusage(RUSAGE_SELF, &usage));
  long long by_usage = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 100 + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 10000;
  long long by_times = tms.tms_utime + tms.tms_stime;
  TRUE(by_times - by_usage <= 2 && by_usage - by_times <= 2);
}

CHECK("settimeofday needs a privilege") {
  pid_t child = fork();
  if (!child) {
    if (setuid(1000)) _exit(1);
    _exit(settimeofday(&(struct timeval){1000000000, 0}, 0) == -1 && errno == EPERM ? 0 : 2);
  }
  EQUAL(end_of(child), 0);
}

CHECK("setting the clock moves real time and not monotonic time") {
  struct timespec real;
  OK(clock_gettime(CLOCK_REALTIME, &real));
  long long monotonic = ns_of(CLOCK_MONOTONIC), before = real.tv_sec;
  OK(clock_settime(CLOCK_REALTIME, &(struct timespec){before + 1000, real.tv_nsec}));
  long long moved = time(0) - before, passed = ns_of(CLOCK_MONOTONIC) - monotonic;
  OK(clock_settime(CLOCK_REALTIME, &(struct timespec){before + passed / 1000000000, real.tv_nsec}));
  TRUE(moved >= 1000 && moved < 1060);
  TRUE(passed < 60000000000LL);
}

CHECK("adjtimex reads the clock's state") {
  struct timex state = {0};
  OK(adjtimex(&state));
  EQUAL(state.tick, 10000);
}

CHECK("calendar arithmetic knows leap years") {
  struct tm date = {.tm_year = 2024 - 1900, .tm_mon = 1, .tm_mday = 30, .tm_hour = 12};
  time_t seconds = timegm(&date);
  EQUAL(seconds, 1709294400);
  EQUAL(date.tm_mon, 2);
  EQUAL(date.tm_mday, 1);
}

CHECK("file times keep nanoseconds and years after 2038") {
  close(file_with("f", ""));
  struct timespec times[2] = {{4102444800LL, 123456789}, {4102444801LL, 987654321}};
  struct stat stat_now;
  OK(utimensat(AT_FDCWD, "f", times, 0));
  OK(stat("f", &stat_now));
  EQUAL((unsigned)stat_now.st_mtim.tv_nsec, 987654321);
  EQUAL(stat_now.st_mtim.tv_sec, 4102444801LL);
}

CHECK("64-bit time calls work on a 32-bit machine") {
  struct { long long seconds, ns; } now = {0, 0};
  OK(syscall(SYS_clock_gettime64, CLOCK_REALTIME, &now));
  TRUE(now.seconds > 1700000000LL && now.seconds - time(0) <= 1);
}

CHECK("the uptime and the boot clock agree to a second") {
  struct timespec now;
  double uptime;
  OK(clock_gettime(CLOCK_BOOTTIME, &now));
  uptime = strtod(text_of("/proc/uptime"), 0);
  double difference = uptime - (double)now.tv_sec;
  TRUE(difference > -1.5 && difference < 2.5);
}
