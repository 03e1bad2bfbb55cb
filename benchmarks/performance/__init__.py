"""`make bench`: the figures of the table in docs/performance.md, those of this project and of its peers from one run.

A *peer* is another way to do the same: LangChain, LlamaIndex, or a script of sentence-transformers and FAISS.
"""
