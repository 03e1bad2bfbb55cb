"""Build an index with LangChain, as in its guides: splitter by tokens, HuggingFace embeddings, FAISS. Arguments: FOLDER
TARGET MODEL."""

import sys
from pathlib import Path

from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter
from transformers import AutoTokenizer

folder, target, model = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
splitter = RecursiveCharacterTextSplitter.from_huggingface_tokenizer(
    AutoTokenizer.from_pretrained(model), chunk_size=252, chunk_overlap=0
)
documents = [
    Document(path.read_text(encoding="utf-8"), metadata={"source": str(path)}) for path in sorted(folder.rglob("*.md"))
]
embeddings = HuggingFaceEmbeddings(
    model_name=model,
    model_kwargs={"device": "cpu"},
    encode_kwargs={"normalize_embeddings": True, "prompt_name": "document"},
)
FAISS.from_documents(splitter.split_documents(documents), embeddings).save_local(target)
