"""What is asked of the operating system and the processor, and what keeps bytes: nothing here knows of documents."""
