"""Programs that operators run: the nightly job, the scheduler that starts it, and the health check of the service.

They are started by short names such as `python -m knowligo_index.nightly`, which `knowligo_index/__init__.py` provides.
Code imports them by their full names, `knowligo_index.operations.nightly`: a module imported by both would exist twice.
"""
