"""
Writes numbered records with checksums, each with fsync to a file and then to two SQLite databases, for ever, and reports what is there when
it is asked. Whatever it finds at its start it checks first, then it goes on after the last whole record.

/run/crash/ask       a pipe: a line "TOKEN FIRST" asks for a check of the records from FIRST on, and of the databases if that is 1
/run/crash/answer.*  the answers, lines of a word and its value, given when one more record is safe; the first one's token is "start"
/run/crash/done      the last record that is safe everywhere
"""
# No more modules than needed: a machine that has just started takes long to load them.
import os
import select
import sqlite3
import sys
import zlib

HOME = "/root/crash"
RUN = "/run/crash"
FILES = 4
PACE_S = 0.03
BASES = ("rollback", "wal")
# What ext4, its journal, the block layer and a kernel in trouble write.
COMPLAINTS = ("EXT4-fs error", "EXT4-fs warning", "JBD2: ", "I/O error", "BUG:", "Oops", "Call Trace")


def body(n):
    return "%d %s" % (n, ("%08x" % (n * 2654435761 % 2**32)) * (1 + n % 40))


def sealed(text):
    return "%s %08x\n" % (text, zlib.crc32(text.encode()))


def file_of(n):
    return "%s/records.%d" % (HOME, n % FILES)


def replace(path, text):
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)


def connect(base):
    connection = sqlite3.connect("%s/%s.db" % (HOME, base), timeout=10, isolation_level=None)
    connection.execute("pragma journal_mode=" + ("wal" if base == "wal" else "delete"))
    # Without "extra" a rollback journal whose removal is not on the disk yet takes a committed record back.
    connection.execute("pragma synchronous=extra")
    return connection


def whole_lines(path, problems):
    """Lines of a file; what comes after the last line end was being written."""
    if not os.path.exists(path):
        return [], 0
    with open(path, "rb") as file:
        data = file.read()
    end = data.rfind(b"\n") + 1
    try:
        return data[:end].decode("ascii").splitlines(True), len(data) - end
    except UnicodeDecodeError:
        problems.append("%s has bytes that nobody wrote" % path)
        return [], 0


def check_files(first, problems):
    files = [whole_lines("%s/records.%d" % (HOME, i), problems) for i in range(FILES)]
    count = sum(len(lines) for lines, _ in files)
    for i, (lines, _) in enumerate(files):
        expected = len(range(i or FILES, count + 1, FILES))
        if len(lines) != expected:
            problems.append("records.%d has %d lines of %d records, not %d" % (i, len(lines), count, expected))
        for k, line in enumerate(lines):
            n = k * FILES + (i or FILES)
            if n >= first and line != sealed(body(n)):
                problems.append("record %d of records.%d is %r" % (n, i, line[:80]))
    return count, sum(torn for _, torn in files)


def check_base(base, first, problems):
    connection = connect(base)
    try:
        if first == 1:
            for (row,) in connection.execute("pragma integrity_check"):
                if row != "ok":
                    problems.append("%s: integrity_check: %s" % (base, row))
        if not connection.execute("select 1 from sqlite_schema where name = 'records'").fetchone():
            return 0
        low, last, count = connection.execute("select min(n), max(n), count(*) from records").fetchone()
        if count and (low, last) != (1, count):
            problems.append("%s has %d records from %d to %d" % (base, count, low, last))
        for n, text in connection.execute("select n, text from records where n >= ? order by n", (first,)):
            if text != sealed(body(n)):
                problems.append("record %d of %s is %r" % (n, base, text[:80]))
        return count
    except sqlite3.DatabaseError as error:
        problems.append("%s: %s" % (base, error))
        return 0
    finally:
        connection.close()


def kernel_log():
    """The kernel's log, a record a line; see the kernel's Documentation/ABI/testing/dev-kmsg."""
    log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    try:
        while True:
            try:
                yield os.read(log, 8192).decode("ascii", "replace").split("\n")[0]
            except BrokenPipeError:
                # It wrapped around; the next read goes on with what is left.
                continue
    except BlockingIOError:
        return
    finally:
        os.close(log)


def check_kernel(problems):
    """Whether ext4 has replayed its journal since the kernel was booted."""
    for disk in os.listdir("/sys/fs/ext4"):
        if os.path.exists("/sys/fs/ext4/%s/errors_count" % disk):
            with open("/sys/fs/ext4/%s/errors_count" % disk) as file:
                errors = int(file.read())
            if errors:
                problems.append("ext4 counts %d errors on %s" % (errors, disk))
    replayed = False
    for line in kernel_log():
        replayed = replayed or ("EXT4-fs" in line and "recovery complete" in line)
        if any(complaint in line for complaint in COMPLAINTS):
            problems.append("the kernel says: " + line)
    return replayed


def check(first, done):
    problems = []
    files, torn = check_files(first, problems)
    found = {"files": files, "torn": torn}
    for base in BASES:
        found[base] = check_base(base, first, problems)
    found["replayed"] = int(check_kernel(problems))
    if done is not None:
        found["done"] = done
    return found, problems


def answer(token, found, problems):
    lines = ["%s %d" % item for item in found.items()] + ["problem " + problem for problem in problems[:10]]
    replace("%s/answer.%s" % (RUN, token), "".join(line.replace("\n", " ") + "\n" for line in lines))


class Writer:
    def __init__(self, found):
        for i in range(FILES):
            lines, torn = whole_lines("%s/records.%d" % (HOME, i), [])
            if torn:
                os.truncate("%s/records.%d" % (HOME, i), sum(map(len, lines)))
        self.files = [open("%s/records.%d" % (HOME, i), "a") for i in range(FILES)]
        self.bases = [connect(base) for base in BASES]
        for base in self.bases:
            base.execute("create table if not exists records (n integer primary key, text text)")
        folder = os.open(HOME, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        self.last = [found[kind] for kind in ("files",) + BASES]
        self.done = min(self.last)

    def write(self):
        """Writes the next record wherever it is not yet."""
        n = self.done + 1
        text = sealed(body(n))
        if self.last[0] < n:
            file = self.files[n % FILES]
            # In two pieces, now and then both on the disk, so that there is something to tear.
            file.write(text[: len(text) // 2])
            file.flush()
            if n % 3 == 0:
                os.fsync(file.fileno())
            file.write(text[len(text) // 2 :])
            file.flush()
            os.fsync(file.fileno())
        for last, base in zip(self.last[1:], self.bases):
            if last < n:
                base.execute("insert into records values (?, ?)", (n, text))
        self.done = n
        replace(RUN + "/done", str(n))


def main():
    os.makedirs(HOME, exist_ok=True)
    os.mkfifo(RUN + "/ask")
    ask = os.open(RUN + "/ask", os.O_RDWR)
    found, problems = check(1, None)
    if problems:
        answer("start", found, problems)
        sys.exit(1)
    writer = Writer(found)
    writer.write()
    answer("start", {**found, "next": writer.done}, problems)
    while True:
        writer.write()
        if select.select([ask], [], [], PACE_S)[0]:
            for line in os.read(ask, 4096).decode().splitlines():
                token, first = line.split()
                found, problems = check(int(first), writer.done)
                writer.write()
                answer(token, {**found, "next": writer.done}, problems)


main()
