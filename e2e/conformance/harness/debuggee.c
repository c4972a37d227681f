// What gdb and strace look at.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct point {
  int x, y;
};

static volatile int counter;

static int multiply(struct point point) {
  int product = point.x * point.y;
  counter += product;
  return product;
}

static int one(void) { return 1; }

static int factorial(int n) { return n < 2 ? one() : n * factorial(n - 1); }

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "sum";
  if (!strcmp(what, "crash")) *(volatile int *)16 = 1;
  if (!strcmp(what, "abort")) abort();
  if (!strcmp(what, "spin"))
    for (;;) counter++;
  if (!strcmp(what, "open")) {
    int fd = open("/nowhere/at/all", O_RDONLY);
    return fd < 0 ? 3 : 0;
  }
  for (int i = 1; i <= 4; i++) multiply((struct point){i, 10 * i});
  printf("%d %d\n", counter, factorial(6));
  return 0;
}
