"""The manifest of a version that has just been made."""

from knowligo_index.build.contents import Contents
from knowligo_index.build.digest import content_digest, content_libraries, content_settings
from knowligo_index.build.job import Job
from knowligo_index.gate.evidence import EncoderEvidence
from knowligo_index.search.fusion import ANSWERED, DENSE_WEIGHT
from knowligo_index.sources.ledger import transient_failures
from knowligo_index.store.manifest import Fusion, Manifest, count_documents, token_histogram
from knowligo_index.system.package_version import __version__
from knowligo_index.system.threads import ThreadPlan


def digest_of(job: Job, contents: Contents) -> str:
    """The digest of the content that was made. It differs from the digest of the inputs where a document failed in a
    way in which another build may not fail."""
    failures = transient_failures(contents.ledger)
    inputs = job.inputs
    if not failures:
        return inputs.digest
    return content_digest(inputs.inventory, job.settings, inputs.model, inputs.questions, failures)


def new_manifest(
    job: Job, contents: Contents, evidence: EncoderEvidence, unrelated_cosine: float, digest: str, threads: ThreadPlan
) -> Manifest:
    """The manifest without the files of the version and without refusals. `unrelated_cosine`: of the encoder."""
    inputs, counts = job.inputs, contents.token_counts
    number, encoder = job.writer.next_counter(), inputs.model.description
    return Manifest(
        version=f"{number}-{digest}",
        counter=number,
        digest=digest,
        created_at=inputs.created_at,
        created_by=f"knowligo-index {__version__}",
        settings=content_settings(job.settings, inputs.model),
        encoder=encoder,
        probes=evidence.probes,
        documents=count_documents(contents.ledger),
        chunks=len(counts),
        tokens=sum(counts),
        truncated=sum(count > encoder.max_tokens for count in counts),
        token_histogram=token_histogram(counts),
        libraries=content_libraries(),
        fusion=Fusion(DENSE_WEIGHT, unrelated_cosine, ANSWERED),
        unread_languages=evidence.unread_languages,
        languages=dict(sorted(contents.languages.items(), key=lambda item: (-item[1], item[0]))),
        plan=threads,
    )
