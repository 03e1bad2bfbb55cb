"""Ways out of the process that parses a file. Each is code that ends without an exception where it succeeds.

FOLDER is a folder with a file `secret`, PID a process of the same user, PORT a port of 127.0.0.1 that accepts
connections. Numbers of system calls are those of Linux on x86-64.
"""

EVERYWHERE = {
    # Descriptors: only the null device and the pipe for the reply are open
    "an inherited descriptor": "assert any(is_inherited(number) for number in range(3, 1024))",
    "standard input": "assert os.read(0, 1)",
    "standard output": "assert not os.path.samestat(os.fstat(1), os.stat('/dev/null'))",
    "standard error": "assert not os.path.samestat(os.fstat(2), os.stat('/dev/null'))",
    "the pipe of the requests": "assert len(pipes()) > 1",
    # The environment
    "key in os.environ": "os.environ['GROQ_API_KEY']",
    "key by getenv": "native.getenv.restype = ctypes.c_char_p; ok(native.getenv(b'GROQ_API_KEY'))",
}
"""held by what the process is given: on every system"""

BY_LANDLOCK = {
    # Reading
    "open": "open('FOLDER/secret')",
    "os.open": "os.open('FOLDER/secret', os.O_RDONLY)",
    "native open": "ok(native.open(b'FOLDER/secret', 0))",
    "native openat": "ok(native.openat(-100, b'FOLDER/secret', 0))",
    "native fopen": "native.fopen.restype = ctypes.c_void_p; ok(native.fopen(b'FOLDER/secret', b'r'))",
    "system call open": "ok(native.syscall(2, b'FOLDER/secret', 0))",
    "system call openat": "ok(native.syscall(257, -100, b'FOLDER/secret', 0))",
    "open by a path handle": (
        "folder = ok(native.open(b'FOLDER', 0o10000000)); ok(native.openat(folder, b'secret', 0))"
    ),
    "read a database": "sqlite3.connect('file:FOLDER/database?mode=ro', uri=True).execute('SELECT x FROM t')",
    "environment of this process": "assert ok(native.open(b'/proc/self/environ', 0)) >= 0",
    "environment of another process": "ok(native.open(b'/proc/PID/environ', 0))",
    "passwords": "ok(native.open(b'/etc/shadow', 0))",
    "a device": "ok(native.open(b'/dev/zero', 0))",
    "a mapping of a file": "mmap.mmap(ok(native.open(b'FOLDER/secret', 0)), 6, access=mmap.ACCESS_READ)[:]",
    "own memory as a file": "ok(native.open(b'/proc/self/mem', 0))",
    "memory of the parent": "ok(native.open(b'/proc/%d/mem' % os.getppid(), 0))",
    "descriptors of another process": "os.readlink('/proc/PID/fd/0')",
    "program of another process": "os.readlink('/proc/PID/exe')",
    "folder of another process": "ok(native.open(b'/proc/PID/cwd/.', 0o200000))",
    # Listing
    "os.listdir": "os.listdir('FOLDER')",
    "os.scandir": "list(os.scandir('FOLDER'))",
    "native opendir": "native.opendir.restype = ctypes.c_void_p; ok(native.opendir(b'FOLDER'))",
}
"""held by Landlock, also against native code"""

BY_SECCOMP = {
    # Writing
    "open for writing": "open('FOLDER/new', 'w')",
    "native creat": "ok(native.creat(b'FOLDER/new', 0o600))",
    "native open for writing": "ok(native.open(b'FOLDER/secret', 2))",
    "native open to append": "ok(native.open(b'FOLDER/secret', 0o2001))",
    "truncate": "os.truncate('FOLDER/secret', 0)",
    "native truncate": "ok(native.truncate(b'FOLDER/secret', 0))",
    "native unlink": "ok(native.unlink(b'FOLDER/secret'))",
    "native rename": "ok(native.rename(b'FOLDER/secret', b'FOLDER/renamed'))",
    "native mkdir": "ok(native.mkdir(b'FOLDER/folder', 0o700))",
    "native rmdir": "ok(native.rmdir(b'FOLDER/empty'))",
    "native symlink": "ok(native.symlink(b'/etc', b'FOLDER/link'))",
    "native link": "ok(native.link(b'FOLDER/secret', b'FOLDER/link'))",
    "native mkfifo": "ok(native.mkfifo(b'FOLDER/fifo', 0o600))",
    "native chmod": "ok(native.chmod(b'FOLDER/secret', 0))",
    "native utimes": "ok(native.utimes(b'FOLDER/secret', None))",
    "a writable shared mapping": (
        "file = ok(native.open(b'FOLDER/secret', 2)); native.mmap.restype = ctypes.c_void_p; "
        "ctypes.memmove(ok(native.mmap(None, 4096, 3, 1, file, 0)), b'S', 1)"
    ),
    "native chown": "ok(native.chown(b'FOLDER/secret', os.getuid(), os.getgid()))",
    "an attribute of a file": "ok(native.setxattr(b'FOLDER/secret', b'user.x', b'x', 1, 0))",
    "a lock on a file": "ok(native.flock(ok(native.open(b'/dev/null', 0)), 2))",
    "a nameless file": "ok(native.open(b'FOLDER', 0o20200002, 0o600))",
    "native openat2": "how = (ctypes.c_ulong * 3)(2, 0, 0); ok(native.syscall(437, -100, b'FOLDER/secret', how, 24))",
    "write a database": "sqlite3.connect('FOLDER/database').execute('DELETE FROM t')",
    # Sockets
    "a socket": "socket.create_connection(('127.0.0.1', PORT))",
    "a native socket": "ok(native.socket(2, 1, 0))",
    "a local socket": "ok(native.socket(1, 1, 0))",
    "a pair of sockets": "socket.socketpair()",
    "the network of the kernel": "ok(native.socket(16, 3, 0))",
    "io_uring": "buffer = ctypes.create_string_buffer(120); ok(native.syscall(425, 1, buffer))",
    # Processes
    "os.fork": "os.fork() or os._exit(0)",
    "native fork": "native.fork() or os._exit(0); os.wait()",
    "system call clone": "native.syscall(56, 17, 0, 0, 0, 0) or os._exit(0); os.wait()",
    "_posixsubprocess": (
        "import _posixsubprocess as p; a, b = os.pipe(); os.waitpid(p.fork_exec([b'/bin/true'], [b'/bin/true'], True, "
        "(b,), None, None, -1, -1, -1, -1, -1, -1, a, b, True, False, -1, None, None, None, -1, None, False), 0)"
    ),
    "native system": "assert native.system(b'true') == 0",
    "native posix_spawn": (
        "pid = ctypes.c_int(); arguments = (ctypes.c_char_p * 2)(b'true', None); "
        "assert native.posix_spawn(ctypes.byref(pid), b'/bin/true', None, None, arguments, None) == 0"
    ),
    "native execve": "keep_pipes(); ok(native.execve(b'/bin/true', (ctypes.c_char_p * 2)(b'true', None), None))",
    "system call clone3": "native.syscall(435, (ctypes.c_ulong * 11)(0, 0, 0, 0, 17), 88) or os._exit(0); os.wait()",
    "native execveat": (
        "keep_pipes(); ok(native.syscall(322, -100, b'/bin/true', (ctypes.c_char_p * 2)(b'true', None), None, 0))"
    ),
    "a thread": "thread = threading.Thread(target=lambda: None); thread.start(); thread.join()",
    # Signals, and other processes
    "os.kill": "os.kill(PID, 0)",
    "native kill": "ok(native.kill(PID, 0))",
    "a signal to the parent": "ok(native.kill(os.getppid(), 0))",
    "a signal to the group": "ok(native.kill(0, 0))",
    "a queued signal": "ok(native.sigqueue(PID, 0, None))",
    "another group of processes": "ok(native.setpgid(0, 0))",
    "another session": (
        "pid = ok(native.fork()); pid or os._exit(0 if native.setsid() > 0 else 1); assert os.waitpid(pid, 0)[1] == 0"
    ),
    "native tgkill": "ok(native.syscall(234, PID, PID, 0))",
    "a handle of a process": "ok(native.syscall(434, PID, 0))",
    "ptrace": "ok(native.ptrace(0x4206, PID, 0, 0))",
    "memory of another process": "ok(native.syscall(310, PID, None, 0, None, 0, ctypes.c_long(0)))",
    "descriptor of another process": "ok(native.syscall(438, ok(native.syscall(434, PID, 0)), 0, 0))",
    "comparison of processes": "ok(native.syscall(312, PID, PID, 1, 0, 0))",
    "own limit of files": "x = (ctypes.c_ulong * 2)(32, 32); ok(native.syscall(302, 0, 7, x, None))",
    "own limit of processor time": "x = (ctypes.c_ulong * 2)(30, 30); ok(native.syscall(160, 0, x))",
    "limits of another process": "resource.prlimit(PID, resource.RLIMIT_NOFILE)",
    "priority of another process": "os.setpriority(os.PRIO_PROCESS, PID, 19)",
    "processors of another process": "os.sched_setaffinity(PID, {0})",
    # Shared memory
    "System V shared memory": "ok(native.shmctl(ok(native.shmget(0, 4096, 0o1600)), 0, None))",
    "System V messages": "ok(native.msgctl(ok(native.msgget(0, 0o1600)), 0, None))",
    "POSIX shared memory": (
        "native.shm_unlink.restype = ctypes.c_int; ok(native.shm_open(b'/knowligo-test', 0o102, 0o600)); "
        "ok(native.shm_unlink(b'/knowligo-test'))"
    ),
    "POSIX messages": (
        "queue = ok(native.mq_open(b'/knowligo-test', 0o102, 0o600, None)); ok(native.mq_unlink(b'/knowligo-test'))"
    ),
    "a POSIX semaphore": (
        "native.sem_open.restype = ctypes.c_void_p; ok(native.sem_open(b'/knowligo-test', 0o100, 0o600, 1)); "
        "ok(native.sem_unlink(b'/knowligo-test'))"
    ),
    "System V semaphores": "ok(native.semctl(ok(native.semget(0, 1, 0o1600)), 0, 0))",
    "a file in memory": "os.memfd_create('x')",
    # The kernel
    "a new user namespace": "ok(native.unshare(0x10000000))",
    "another file system": (
        "ok(native.syscall(165, b'none', b'FOLDER', b'tmpfs', 0, None)); ok(native.umount2(b'FOLDER', 2))"
    ),
    "another root": "ok(native.chroot(b'/'))",
    "page faults of the kernel": "ok(native.syscall(323, 1))",
    "watching files": "ok(native.inotify_init())",
    "a timer": "ok(native.alarm(0))",
    "more privileges": "buffer = ctypes.create_string_buffer(24); ok(native.syscall(125, buffer, None))",
    "a system call of 32 bits": (
        "native.mmap.restype = ctypes.c_void_p; code = ok(native.mmap(None, 4096, 7, 0x22, -1, 0)); "
        "ctypes.memmove(code, bytes.fromhex('b814000000cd80c3'), 8); assert ctypes.CFUNCTYPE(ctypes.c_int)(code)() > 0"
    ),
    "keys": "ok(native.syscall(250, 0, -3, 1))",
    "a new name": "ok(native.prctl(15, b'x', 0, 0, 0))",
    "directory": "ok(native.chdir(b'/'))",
    "umask": "native.syscall(95, 0) == -1 and ok(-1)",
}
"""held by seccomp, also against native code"""


def succeeded(outcome: str) -> bool:
    """Whether an escape with this outcome succeeded: a program that replaces the process ends well, and sends no
    reply."""
    return outcome == "parsed" or "(exit status 0)" in outcome


ESCAPES = EVERYWHERE | BY_LANDLOCK | BY_SECCOMP
