// futexes, and what the C library builds on them.
#include "harness.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long futex(void *word, int operation, unsigned value, const struct timespec *timeout, void *word2, unsigned value3) {
  return syscall(SYS_futex_time64, word, operation, value, timeout, word2, value3);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int shared;
static atomic_int atomic;

CHECK("futex wait on another value is EAGAIN") {
  unsigned word = 1;
  FAILS(futex(&word, FUTEX_WAIT, 2, 0, 0, 0), EAGAIN);
}

CHECK("futex wait ends with ETIMEDOUT") {
  unsigned word = 1;
  FAILS(futex(&word, FUTEX_WAIT, 1, &(struct timespec){0, 20000000}, 0, 0), ETIMEDOUT);
}

CHECK("futex wake without waiters wakes nobody") {
  unsigned word = 0;
  EQUAL(futex(&word, FUTEX_WAKE, 1, 0, 0, 0), 0);
}

CHECK("futex wait on bad memory is EFAULT") { FAILS(futex((void *)16, FUTEX_WAIT, 0, 0, 0, 0), EFAULT); }

CHECK("a futex in shared memory wakes another process") {
  unsigned *word = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t child = fork();
  if (!child) {
    while (!__atomic_load_n(word, __ATOMIC_SEQ_CST)) futex(word, FUTEX_WAIT, 0, 0, 0, 0);
    _exit(*word);
  }
  sleep_ms(30);
  __atomic_store_n(word, 21, __ATOMIC_SEQ_CST);
  futex(word, FUTEX_WAKE, INT_MAX, 0, 0, 0);
  EQUAL(end_of(child), 21);
}

static void *wait_on_word(void *word) {
  futex(word, FUTEX_WAIT, 0, 0, 0, 0);
  atomic++;
  return 0;
}

CHECK("futex requeue moves waiters to another word") {
  unsigned words[2] = {0, 0};
  pthread_t threads[3];
  for (int i = 0; i < 3; i++) EQUAL(pthread_create(&threads[i], 0, wait_on_word, words), 0);
  int moved = 0;
  for (int i = 0; i < 500 && moved < 3; i++) {
    long n = futex(words, FUTEX_CMP_REQUEUE, 0, (void *)3, words + 1, 0);
    if (n > 0) moved += n;
    sleep_ms(10);
  }
  EQUAL(moved, 3);
  EQUAL(atomic, 0);
  EQUAL(futex(words + 1, FUTEX_WAKE, INT_MAX, 0, 0, 0), 3);
  for (int i = 0; i < 3; i++) EQUAL(pthread_join(threads[i], 0), 0);
  EQUAL(atomic, 3);
}

static void *return_square(void *number) { return (void *)((long)number * (long)number); }

CHECK("a thread returns its value to who joins it") {
  pthread_t thread;
  void *result;
  EQUAL(pthread_create(&thread, 0, return_square, (void *)12), 0);
  EQUAL(pthread_join(thread, &result), 0);
  EQUAL((long)result, 144);
}

static void *add_under_mutex(void *unused) {
  for (int i = 0; i < 10000; i++) {
    pthread_mutex_lock(&mutex);
    int before = shared;
    if (i % 1000 == 0) sched_yield();
    shared = before + 1;
    pthread_mutex_unlock(&mutex);
  }
  return unused;
}

static void run_threads(int count, void *(*run)(void *)) {
  pthread_t threads[64];
  for (int i = 0; i < count; i++) EQUAL(pthread_create(&threads[i], 0, run, (void *)(long)i), 0);
  for (int i = 0; i < count; i++) EQUAL(pthread_join(threads[i], 0), 0);
}

CHECK("a mutex lets no update get lost") {
  run_threads(4, add_under_mutex);
  EQUAL(shared, 40000);
}

static void *add_atomically(void *unused) {
  for (int i = 0; i < 50000; i++) atomic++;
  return unused;
}

CHECK("atomic additions from four threads are all there") {
  run_threads(4, add_atomically);
  EQUAL(atomic, 200000);
}

CHECK("sixty-four threads live at once") {
  run_threads(64, add_under_mutex);
  EQUAL(shared, 640000);
}

static void *produce(void *unused) {
  for (int i = 1; i <= 200; i++) {
    pthread_mutex_lock(&mutex);
    while (shared) pthread_cond_wait(&condition, &mutex);
    shared = i;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
  }
  return unused;
}

CHECK("a condition variable hands over every item in order") {
  pthread_t producer;
  EQUAL(pthread_create(&producer, 0, produce, 0), 0);
  for (int i = 1; i <= 200; i++) {
    pthread_mutex_lock(&mutex);
    while (!shared) pthread_cond_wait(&condition, &mutex);
    EQUAL(shared, i);
    shared = 0;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
  }
  EQUAL(pthread_join(producer, 0), 0);
}

CHECK("a timed wait on a condition times out") {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec = 0;
  pthread_mutex_lock(&mutex);
  EQUAL(pthread_cond_timedwait(&condition, &mutex, &until), ETIMEDOUT);
}

CHECK("an error-checking mutex refuses to be locked twice") {
  pthread_mutexattr_t attributes;
  pthread_mutex_t strict;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_init(&strict, &attributes);
  EQUAL(pthread_mutex_lock(&strict), 0);
  EQUAL(pthread_mutex_lock(&strict), EDEADLK);
}

CHECK("a robust mutex tells that its owner died") {
  pthread_mutexattr_t attributes;
  pthread_mutex_t *robust = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(robust, &attributes);
  pid_t child = fork();
  if (!child) {
    pthread_mutex_lock(robust);
    _exit(0);
  }
  EQUAL(end_of(child), 0);
  EQUAL(pthread_mutex_lock(robust), EOWNERDEAD);
  EQUAL(pthread_mutex_consistent(robust), 0);
  EQUAL(pthread_mutex_unlock(robust), 0);
}

CHECK("a priority-inheriting mutex can be had and freed") {
  pthread_mutexattr_t attributes;
  pthread_mutex_t inheriting;
  pthread_mutexattr_init(&attributes);
  EQUAL(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT), 0);
  EQUAL(pthread_mutex_init(&inheriting, &attributes), 0);
  EQUAL(pthread_mutex_lock(&inheriting), 0);
  EQUAL(pthread_mutex_trylock(&inheriting), EBUSY);
  EQUAL(pthread_mutex_unlock(&inheriting), 0);
}

static pthread_barrier_t barrier;
static void *meet(void *unused) {
  atomic++;
  if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) shared++;
  if (atomic != 5) shared += 100;
  return unused;
}

CHECK("a barrier holds all until the last has come") {
  pthread_barrier_init(&barrier, 0, 5);
  run_threads(5, meet);
  EQUAL(shared, 1);
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static void *try_write(void *unused) {
  shared = pthread_rwlock_trywrlock(&rwlock);
  return unused;
}

CHECK("a reader-writer lock lets readers in and keeps writers out") {
  EQUAL(pthread_rwlock_rdlock(&rwlock), 0);
  EQUAL(pthread_rwlock_tryrdlock(&rwlock), 0);
  run_threads(1, try_write);
  EQUAL(shared, EBUSY);
}

CHECK("a semaphore counts between processes") {
  sem_t *semaphore = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  OK(sem_init(semaphore, 1, 0));
  pid_t child = fork();
  if (!child) {
    for (int i = 0; i < 3; i++) sem_post(semaphore);
    _exit(0);
  }
  for (int i = 0; i < 3; i++) OK(sem_wait(semaphore));
  FAILS(sem_trywait(semaphore), EAGAIN);
  EQUAL(end_of(child), 0);
}

static __thread int local = 7;
static void *change_local(void *unused) {
  local += 5;
  shared = local;
  return unused;
}

CHECK("thread-local variables are each thread's own") {
  local = 100;
  run_threads(1, change_local);
  EQUAL(shared, 12);
  EQUAL(local, 100);
}

static void *own_id(void *unused) { return (void *)syscall(SYS_gettid); }

CHECK("threads share a process id and have their own thread id") {
  pthread_t thread;
  void *id;
  EQUAL(pthread_create(&thread, 0, own_id, 0), 0);
  EQUAL(pthread_join(thread, &id), 0);
  TRUE((long)id != getpid());
  EQUAL(syscall(SYS_gettid), getpid());
}

static void *wait_forever(void *unused) {
  for (;;) pause();
  return unused;
}

CHECK("a thread that sleeps can be cancelled") {
  pthread_t thread;
  void *result;
  EQUAL(pthread_create(&thread, 0, wait_forever, 0), 0);
  EQUAL(pthread_cancel(thread), 0);
  EQUAL(pthread_join(thread, &result), 0);
  TRUE(result == PTHREAD_CANCELED);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void run_once(void) { shared++; }
static void *call_once(void *unused) {
  pthread_once(&once, run_once);
  return unused;
}

CHECK("pthread_once runs once") {
  run_threads(8, call_once);
  EQUAL(shared, 1);
}

static pthread_t handled_by;
static void note_thread(int number) { handled_by = pthread_self(); }

CHECK("pthread_kill reaches the thread that is meant") {
  signal(SIGUSR1, note_thread);
  pthread_t thread;
  EQUAL(pthread_create(&thread, 0, wait_forever, 0), 0);
  EQUAL(pthread_kill(thread, SIGUSR1), 0);
  for (int i = 0; i < 500 && !handled_by; i++) sleep_ms(10);
  TRUE(pthread_equal(handled_by, thread));
}

CHECK("exit_group ends all threads") {
  pid_t child = fork();
  if (!child) {
    pthread_t thread;
    pthread_create(&thread, 0, wait_forever, 0);
    exit(17);
  }
  EQUAL(end_of(child), 17);
}

CHECK("membarrier answers its query") { TRUE(syscall(SYS_membarrier, 0, 0, 0) > 0); }

CHECK("a thread's name shows in /proc") {
  EQUAL(pthread_setname_np(pthread_self(), "renamed"), 0);
  SAME_TEXT(text_of("/proc/thread-self/comm"), "renamed\n");
}
