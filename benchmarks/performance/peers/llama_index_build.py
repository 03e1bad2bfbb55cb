"""Build an index with LlamaIndex, as in its guides: sentence splitter, HuggingFace embedding, FAISS. Arguments: FOLDER
TARGET MODEL."""

import sys
from pathlib import Path

import faiss
from llama_index.core import Document, Settings, StorageContext, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.faiss import FaissVectorStore
from transformers import AutoTokenizer

folder, target, model = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
tokenizer = AutoTokenizer.from_pretrained(model)
Settings.embed_model = HuggingFaceEmbedding(model_name=model, device="cpu", text_instruction="passage: ")
splitter = SentenceSplitter(
    chunk_size=252, chunk_overlap=0, tokenizer=lambda text: tokenizer.encode(text, add_special_tokens=False)
)
documents = [
    Document(text=path.read_text(encoding="utf-8"), metadata={"source": path.name})
    for path in sorted(folder.rglob("*.md"))
]
storage = StorageContext.from_defaults(vector_store=FaissVectorStore(faiss.IndexFlatIP(384)))
index = VectorStoreIndex.from_documents(documents, storage_context=storage, transformations=[splitter])
index.storage_context.persist(target)
