"""Ways out of the process that parses a file. Each is code that ends without an exception where it succeeds.

FOLDER is a folder with a file `secret`, PID a process of the same user, PORT a port of 127.0.0.1 that accepts
connections. Numbers of system calls are those of Linux on x86-64.
"""

EVERYWHERE = {
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
    "write a database": "sqlite3.connect('FOLDER/database').execute('DELETE FROM t')",
    # Sockets
    "a socket": "socket.create_connection(('127.0.0.1', PORT))",
    "a native socket": "ok(native.socket(2, 1, 0))",
    "a local socket": "ok(native.socket(1, 1, 0))",
    "a pair of sockets": "socket.socketpair()",
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
    "native execve": "ok(native.execve(b'/bin/true', (ctypes.c_char_p * 2)(b'true', None), None))",
    "a thread": "thread = threading.Thread(target=lambda: None); thread.start(); thread.join()",
    # Signals, and other processes
    "os.kill": "os.kill(PID, 0)",
    "native kill": "ok(native.kill(PID, 0))",
    "native tgkill": "ok(native.syscall(234, PID, PID, 0))",
    "a handle of a process": "ok(native.syscall(434, PID, 0))",
    "ptrace": "ok(native.ptrace(0x4206, PID, 0, 0))",
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
    "a file in memory": "os.memfd_create('x')",
    # The kernel
    "a new user namespace": "ok(native.unshare(0x10000000))",
    "keys": "ok(native.syscall(250, 0, -3, 1))",
    "a new name": "ok(native.prctl(15, b'x', 0, 0, 0))",
    "directory": "ok(native.chdir(b'/'))",
    "umask": "native.syscall(95, 0) == -1 and ok(-1)",
}
"""held by seccomp, also against native code"""

ESCAPES = EVERYWHERE | BY_LANDLOCK | BY_SECCOMP
