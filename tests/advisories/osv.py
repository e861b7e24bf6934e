"""Records of advisories, as OSV writes them."""


def record(identifier, package, *events, **more):
    """An OSV record of one package; events as `introduced=…` pairs."""
    ranges = [{"type": "ECOSYSTEM", "events": [dict([event]) for event in events]}] if events else []
    affected = {"package": {"ecosystem": "PyPI", "name": package}, "ranges": ranges, **more.pop("part", {})}
    return {"id": identifier, "modified": "2026-11-01T00:00:00Z", "affected": [affected], **more}
