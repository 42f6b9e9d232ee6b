"""Tells by its first bytes whether a file is an image that browsers show and that runs nothing."""

HEAD = 16  # bytes that tell

# SVG is none of them: it is a document that can hold scripts.
SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


def image_type(head: bytes) -> str:
    """Return the media type of the image that begins with these bytes; empty where it is none.

    The signatures are those of the MIME Sniffing standard of WHATWG, section 6.1.
    """
    if head[:4] == b"RIFF" and head[8:14] == b"WEBPVP":
        return "image/webp"
    return next((kind for start, kind in SIGNATURES.items() if head.startswith(start)), "")
