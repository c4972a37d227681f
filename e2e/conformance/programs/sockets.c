// Sockets: local, and TCP and UDP on the loopback.
#include "harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_in any_port(void) {
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

// A socket bound to a free port of the loopback, whose address goes to `address`.
static int bound(int type, struct sockaddr_in *address) {
  socklen_t size = sizeof *address;
  int fd = OK(socket(AF_INET, type, 0));
  *address = any_port();
  OK(bind(fd, (void *)address, size));
  OK(getsockname(fd, (void *)address, &size));
  return fd;
}

static void tcp_pair(int pair[2]) {
  struct sockaddr_in address;
  int server = bound(SOCK_STREAM, &address);
  OK(listen(server, 1));
  pair[0] = OK(socket(AF_INET, SOCK_STREAM, 0));
  OK(connect(pair[0], (void *)&address, sizeof address));
  pair[1] = OK(accept(server, 0, 0));
  close(server);
}

CHECK("TCP carries bytes both ways") {
  int pair[2];
  char got[6] = "";
  tcp_pair(pair);
  EQUAL(write(pair[0], "there", 5), 5);
  EQUAL(recv(pair[1], got, 5, MSG_WAITALL), 5);
  SAME_TEXT(got, "there");
  EQUAL(write(pair[1], "back", 4), 4);
  EQUAL(recv(pair[0], got, 4, MSG_WAITALL), 4);
  SAME_TEXT(got, "backe");
}

CHECK("TCP half-close ends one direction only") {
  int pair[2];
  char got[4] = "";
  tcp_pair(pair);
  OK(shutdown(pair[0], SHUT_WR));
  EQUAL(read(pair[1], got, 4), 0);
  EQUAL(write(pair[1], "abc", 3), 3);
  EQUAL(read(pair[0], got, 4), 3);
}

CHECK("TCP to a closed port is refused") {
  struct sockaddr_in address;
  close(bound(SOCK_STREAM, &address));
  FAILS(connect(OK(socket(AF_INET, SOCK_STREAM, 0)), (void *)&address, sizeof address), ECONNREFUSED);
}

CHECK("two sockets cannot have one port") {
  struct sockaddr_in address;
  int first = bound(SOCK_STREAM, &address);
  OK(listen(first, 1));
  FAILS(bind(OK(socket(AF_INET, SOCK_STREAM, 0)), (void *)&address, sizeof address), EADDRINUSE);
}

CHECK("a user may not bind a port below 1024") {
  pid_t child = fork();
  if (!child) {
    struct sockaddr_in address = any_port();
    address.sin_port = htons(80);
    if (setuid(1000)) _exit(1);
    _exit(bind(socket(AF_INET, SOCK_STREAM, 0), (void *)&address, sizeof address) == -1 && errno == EACCES ? 0 : 2);
  }
  EQUAL(end_of(child), 0);
}

CHECK("a reset is ECONNRESET for the other side") {
  int pair[2];
  char got;
  tcp_pair(pair);
  OK(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger)));
  close(pair[0]);
  FAILS(read(pair[1], &got, 1), ECONNRESET);
}

CHECK("a megabyte through TCP arrives whole") {
  int pair[2];
  tcp_pair(pair);
  pid_t child = fork();
  if (!child) {
    unsigned block[1024];
    for (unsigned i = 0; i < 256; i++) {
      for (unsigned k = 0; k < 1024; k++) block[k] = i * 1024 + k;
      if (write(pair[0], block, sizeof block) != sizeof block) _exit(1);
    }
    _exit(0);
  }
  close(pair[0]);
  static unsigned all[262144];
  EQUAL(recv(pair[1], all, sizeof all, MSG_WAITALL), sizeof all);
  unsigned right = 0;
  for (unsigned i = 0; i < 262144; i++) right += all[i] == i;
  EQUAL(right, 262144);
  EQUAL(end_of(child), 0);
}

CHECK("a full TCP window holds a non-blocking writer up") {
  int pair[2];
  static char block[65536];
  tcp_pair(pair);
  OK(fcntl(pair[0], F_SETFL, O_NONBLOCK));
  long long sent = 0;
  ssize_t wrote;
  while ((wrote = write(pair[0], block, sizeof block)) > 0) sent += wrote;
  FAILS(wrote, EAGAIN);
  for (long long got = 0; got < sent;) got += OK(read(pair[1], block, sizeof block));
  EQUAL(poll(&(struct pollfd){pair[0], POLLOUT, 0}, 1, -1), 1);
}

CHECK("a non-blocking connect completes for poll") {
  struct sockaddr_in address;
  int server = bound(SOCK_STREAM, &address), error = -1;
  socklen_t size = sizeof error;
  OK(listen(server, 1));
  int client = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  if (connect(client, (void *)&address, sizeof address)) EQUAL(errno, EINPROGRESS);
  EQUAL(poll(&(struct pollfd){client, POLLOUT, 0}, 1, -1), 1);
  OK(getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &size));
  EQUAL(error, 0);
}

CHECK("out-of-band data marks its place") {
  int pair[2], mark = 0;
  char got[4] = "";
  tcp_pair(pair);
  EQUAL(send(pair[0], "ab", 2, 0), 2);
  EQUAL(send(pair[0], "!", 1, MSG_OOB), 1);
  EQUAL(poll(&(struct pollfd){pair[1], POLLPRI, 0}, 1, -1), 1);
  EQUAL(recv(pair[1], got, 1, MSG_OOB), 1);
  EQUAL(got[0], '!');
  EQUAL(read(pair[1], got, 4), 2);
  OK(ioctl(pair[1], SIOCATMARK, &mark));
  EQUAL(mark, 1);
}

CHECK("TCP_INFO says ESTABLISHED") {
  int pair[2];
  struct tcp_info info;
  socklen_t size = sizeof info;
  tcp_pair(pair);
  OK(getsockopt(pair[0], IPPROTO_TCP, TCP_INFO, &info, &size));
  EQUAL(info.tcpi_state, TCP_ESTABLISHED);
}

CHECK("UDP keeps the borders of messages") {
  struct sockaddr_in address;
  int server = bound(SOCK_DGRAM, &address), client = OK(socket(AF_INET, SOCK_DGRAM, 0));
  char got[16];
  EQUAL(sendto(client, "first", 5, 0, (void *)&address, sizeof address), 5);
  EQUAL(sendto(client, "2nd", 3, 0, (void *)&address, sizeof address), 3);
  EQUAL(recv(server, got, sizeof got, 0), 5);
  EQUAL(recv(server, got, sizeof got, 0), 3);
}

CHECK("a UDP message that is too long for the buffer is cut and says so") {
  struct sockaddr_in address;
  int server = bound(SOCK_DGRAM, &address), client = OK(socket(AF_INET, SOCK_DGRAM, 0));
  char got[4];
  EQUAL(sendto(client, "123456", 6, 0, (void *)&address, sizeof address), 6);
  struct msghdr message = {.msg_iov = &(struct iovec){got, 4}, .msg_iovlen = 1};
  EQUAL(recvmsg(server, &message, 0), 4);
  EQUAL(message.msg_flags & MSG_TRUNC, MSG_TRUNC);
}

CHECK("UDP to a closed port tells ECONNREFUSED to a connected socket") {
  struct sockaddr_in address;
  close(bound(SOCK_DGRAM, &address));
  int client = OK(socket(AF_INET, SOCK_DGRAM, 0));
  OK(connect(client, (void *)&address, sizeof address));
  EQUAL(send(client, "x", 1, 0), 1);
  char got;
  FAILS(recv(client, &got, 1, 0), ECONNREFUSED);
}

CHECK("recvfrom tells who sent") {
  struct sockaddr_in server_address, client_address, from;
  int server = bound(SOCK_DGRAM, &server_address), client = bound(SOCK_DGRAM, &client_address);
  socklen_t size = sizeof from;
  char got;
  EQUAL(sendto(client, "x", 1, 0, (void *)&server_address, sizeof server_address), 1);
  EQUAL(recvfrom(server, &got, 1, 0, (void *)&from, &size), 1);
  EQUAL(from.sin_port, client_address.sin_port);
}

CHECK("a receive time-out is EAGAIN") {
  struct sockaddr_in address;
  int server = bound(SOCK_DGRAM, &address);
  char got;
  OK(setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){0, 30000}, sizeof(struct timeval)));
  FAILS(recv(server, &got, 1, 0), EAGAIN);
}

CHECK("multicast on the loopback reaches a member") {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
  socklen_t size = sizeof address;
  int receiver = OK(socket(AF_INET, SOCK_DGRAM, 0)), sender = OK(socket(AF_INET, SOCK_DGRAM, 0));
  OK(bind(receiver, (void *)&address, size));
  OK(getsockname(receiver, (void *)&address, &size));
  struct ip_mreqn group = {.imr_multiaddr.s_addr = inet_addr("239.1.2.3"), .imr_ifindex = if_nametoindex("lo")};
  OK(setsockopt(receiver, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group));
  OK(setsockopt(sender, IPPROTO_IP, IP_MULTICAST_IF, &group, sizeof group));
  address.sin_addr = group.imr_multiaddr;
  EQUAL(sendto(sender, "m", 1, 0, (void *)&address, sizeof address), 1);
  char got = 0;
  EQUAL(recv(receiver, &got, 1, 0), 1);
  EQUAL(got, 'm');
}

CHECK("TCP works over IPv6") {
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  socklen_t size = sizeof address;
  int server = OK(socket(AF_INET6, SOCK_STREAM, 0)), client = OK(socket(AF_INET6, SOCK_STREAM, 0));
  OK(bind(server, (void *)&address, size));
  OK(listen(server, 1));
  OK(getsockname(server, (void *)&address, &size));
  OK(connect(client, (void *)&address, size));
  char got = 0;
  int accepted = OK(accept(server, 0, 0));
  EQUAL(write(client, "6", 1), 1);
  EQUAL(read(accepted, &got, 1), 1);
  EQUAL(got, '6');
}

CHECK("a raw ICMP echo on the loopback is answered") {
  int fd = OK(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  struct sockaddr_in address = any_port();
  unsigned char request[8] = {8, 0, 0, 0, 0x12, 0x34, 0, 1}, got[128];
  unsigned sum = 0x0800 + 0x1234 + 1;
  request[2] = (unsigned char)(~sum >> 8), request[3] = (unsigned char)~sum;
  EQUAL(sendto(fd, request, 8, 0, (void *)&address, sizeof address), 8);
  do EQUAL(read(fd, got, sizeof got), 28);
  while (got[20] != 0);
  EQUAL(got[24] << 8 | got[25], 0x1234);
}

CHECK("a local stream socket has a name in the file system") {
  struct sockaddr_un address = {AF_UNIX, "named"};
  int server = OK(socket(AF_UNIX, SOCK_STREAM, 0)), client = OK(socket(AF_UNIX, SOCK_STREAM, 0));
  FAILS(connect(client, (void *)&address, sizeof address), ENOENT);
  OK(bind(server, (void *)&address, sizeof address));
  FAILS(connect(client, (void *)&address, sizeof address), ECONNREFUSED);
  OK(listen(server, 1));
  OK(connect(client, (void *)&address, sizeof address));
  OK(accept(server, 0, 0));
}

CHECK("an abstract name needs no file") {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  socklen_t size = sizeof(sa_family_t);
  int server = OK(socket(AF_UNIX, SOCK_STREAM, 0)), client = OK(socket(AF_UNIX, SOCK_STREAM, 0));
  OK(bind(server, (void *)&address, size));
  size = sizeof address;
  OK(getsockname(server, (void *)&address, &size));
  EQUAL(address.sun_path[0], 0);
  OK(listen(server, 1));
  OK(connect(client, (void *)&address, size));
}

CHECK("SO_PEERCRED names the process at the other end") {
  int pair[2];
  struct ucred peer;
  socklen_t size = sizeof peer;
  OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  OK(getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &peer, &size));
  EQUAL(peer.pid, getpid());
  EQUAL(peer.uid, 0);
}

CHECK("a descriptor can be sent to another process") {
  int pair[2], fd = file_with("f", "passed on");
  OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  char byte = 'x', control[CMSG_SPACE(sizeof(int))] = "";
  struct msghdr message = {
      .msg_iov = &(struct iovec){&byte, 1}, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(sizeof fd);
  pid_t child = fork();
  if (!child) {
    int received;
    char text[10] = "";
    if (recvmsg(pair[1], &message, 0) != 1) _exit(1);
    memcpy(&received, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof received);
    _exit(read(received, text, 9) == 9 && !strcmp(text, "passed on") ? 0 : 2);
  }
  close(pair[1]);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  EQUAL(sendmsg(pair[0], &message, 0), 1);
  close(fd);
  EQUAL(end_of(child), 0);
}

CHECK("local datagrams and packets keep their borders") {
  int types[] = {SOCK_DGRAM, SOCK_SEQPACKET};
  for (int i = 0; i < 2; i++) {
    int pair[2];
    char got[8];
    OK(socketpair(AF_UNIX, types[i], 0, pair));
    EQUAL(write(pair[0], "abc", 3), 3);
    EQUAL(write(pair[0], "de", 2), 2);
    EQUAL(read(pair[1], got, 8), 3);
    EQUAL(read(pair[1], got, 8), 2);
  }
}

CHECK("MSG_PEEK leaves what it shows") {
  int pair[2];
  char got[4] = "";
  OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  EQUAL(write(pair[0], "abc", 3), 3);
  EQUAL(recv(pair[1], got, 2, MSG_PEEK), 2);
  EQUAL(read(pair[1], got, 4), 3);
  SAME_BYTES(got, "abc", 3);
}

CHECK("sendfile sends a file into a socket") {
  int pair[2], fd = file_with("f", "0123456789");
  char got[5] = "";
  off_t from = 3;
  OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  EQUAL(sendfile(pair[0], fd, &from, 4), 4);
  EQUAL(from, 7);
  EQUAL(read(pair[1], got, 4), 4);
  SAME_TEXT(got, "3456");
}

CHECK("sendmmsg and recvmmsg move several messages at once") {
  int pair[2];
  char got[3][4] = {"", "", ""};
  OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
  struct iovec out[3] = {{"a", 1}, {"bb", 2}, {"ccc", 3}}, in[3] = {{got[0], 3}, {got[1], 3}, {got[2], 3}};
  struct mmsghdr sent[3], received[3];
  memset(sent, 0, sizeof sent);
  memset(received, 0, sizeof received);
  for (int i = 0; i < 3; i++) {
    sent[i].msg_hdr = (struct msghdr){.msg_iov = &out[i], .msg_iovlen = 1};
    received[i].msg_hdr = (struct msghdr){.msg_iov = &in[i], .msg_iovlen = 1};
  }
  EQUAL(sendmmsg(pair[0], sent, 3, 0), 3);
  EQUAL(recvmmsg(pair[1], received, 3, 0, 0), 3);
  EQUAL(received[2].msg_len, 3);
  SAME_TEXT(got[1], "bb");
}

CHECK("getifaddrs lists the loopback with its address") {
  struct ifaddrs *all;
  int found = 0;
  OK(getifaddrs(&all));
  for (struct ifaddrs *at = all; at; at = at->ifa_next)
    if (at->ifa_addr && at->ifa_addr->sa_family == AF_INET && !strcmp(at->ifa_name, "lo"))
      found = ntohl(((struct sockaddr_in *)at->ifa_addr)->sin_addr.s_addr) == INADDR_LOOPBACK;
  EQUAL(found, 1);
}
