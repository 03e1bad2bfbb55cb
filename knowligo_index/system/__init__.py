"""Access to the operating system, the processor and the file system, and stores of bytes. Nothing here depends on
documents."""
