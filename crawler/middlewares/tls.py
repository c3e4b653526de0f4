"""TLS as old servers speak it: TLS 1.0, Diffie-Hellman keys of 1024 bits, SHA-1 certificates.

Setting ``DOWNLOADER_CLIENT_TLS_CIPHERS`` to ``DEFAULT:@SECLEVEL=0`` has no effect in Scrapy, because Twisted expands
the list and drops the level; the level has to be set on the context itself. Some servers hang when they are offered
this, so ``crawler/handlers.py`` uses it only after a modern handshake failed, and remembers the host.
"""

from __future__ import annotations

from typing import Any, cast

from OpenSSL import SSL
from scrapy.core.downloader.contextfactory import _ScrapyCertificateOptions, _ScrapyClientContextFactory
from twisted.internet.ssl import CertificateOptions, TLSVersion
from twisted.web.iweb import IPolicyForHTTPS

EVERY_CIPHER = b"ALL:@SECLEVEL=0"
OLD_RENEGOTIATION = 0x4  # SSL_OP_LEGACY_SERVER_CONNECT


class _OldOptions(_ScrapyCertificateOptions):
    def _makeContext(self, *args: Any, **kwargs: Any) -> SSL.Context:  # noqa: N802 - Twisted's name
        context = super()._makeContext(*args, **kwargs)
        context.set_cipher_list(EVERY_CIPHER)
        context.set_min_proto_version(SSL.TLS1_VERSION)
        context.set_options(OLD_RENEGOTIATION)
        return context


class OldContextFactory(_ScrapyClientContextFactory):
    def _get_cert_options(self) -> CertificateOptions:
        return _OldOptions(**self._get_cert_options_kwargs())


def old_tls() -> IPolicyForHTTPS:
    """A context that old servers can talk to; certificates are not verified, as everywhere in this crawl."""
    return cast("IPolicyForHTTPS", OldContextFactory(method=None, tls_min_version=TLSVersion.TLSv1_0))


def is_tls_failure(error: BaseException) -> bool:
    """Whether an exception of a download, or one it was made of, comes from the handshake."""
    seen = 0
    waiting: list[BaseException | None] = [error]
    while waiting and seen < 20:
        one = waiting.pop()
        seen += 1
        if one is None:
            continue
        if isinstance(one, SSL.Error):
            return True
        waiting += [one.__cause__, *(getattr(reason, "value", None) for reason in getattr(one, "reasons", ()))]
    return False
