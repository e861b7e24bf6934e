"""The shapes of keys and tokens, as their providers document them: no table, but what extraction finds and reports mask."""

from typing import Final

# Prefix that gates the search -> (kind, format). Formats as the providers document them.
FORMATS: Final[tuple[tuple[bytes, str, bytes], ...]] = (
    (b"AKIA", "aws-access-key", rb"\bAKIA[0-9A-Z]{16}\b"),
    (b"ASIA", "aws-access-key", rb"\bASIA[0-9A-Z]{16}\b"),
    (b"ghp_", "github-token", rb"\bghp_[A-Za-z0-9]{36}\b"),
    (b"gho_", "github-token", rb"\bgho_[A-Za-z0-9]{36}\b"),
    (b"ghs_", "github-token", rb"\bghs_[A-Za-z0-9]{36}\b"),
    (b"ghr_", "github-token", rb"\bghr_[A-Za-z0-9]{36}\b"),
    (b"github_pat_", "github-token", rb"\bgithub_pat_[A-Za-z0-9_]{22,255}\b"),
    (b"glpat-", "gitlab-token", rb"\bglpat-[A-Za-z0-9_-]{20,}"),
    (b"xox", "slack-token", rb"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    (
        b"hooks.slack.com/services/",
        "slack-webhook",
        rb"hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}",
    ),
    (b"_live_", "stripe-key", rb"\b[sr]k_live_[A-Za-z0-9]{16,}"),
    (b"AIza", "google-api-key", rb"\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    (
        b"sk-",
        "openai-key",
        rb"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9]{20,}(?:T3BlbkFJ[A-Za-z0-9]{20,}|(?<=[A-Za-z0-9]{40}))[A-Za-z0-9_-]*",
    ),
    (b"sk-ant-", "anthropic-key", rb"\bsk-ant-[A-Za-z0-9_-]{24,}"),
    (b"hf_", "huggingface-token", rb"\bhf_[A-Za-z]{34}\b"),
    (b"pypi-AgEI", "package-index-token", rb"\bpypi-AgEI[A-Za-z0-9_-]{50,}"),
    (b"npm_", "npm-token", rb"\bnpm_[A-Za-z0-9]{36}\b"),
    (b"SG.", "sendgrid-key", rb"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b"),
    (b"AccountKey=", "azure-storage-key", rb"AccountKey=[A-Za-z0-9+/]{86}=="),
    (b"key-", "mailgun-key", rb"\bkey-[0-9a-f]{32}\b"),
    (b"dop_v1_", "digitalocean-token", rb"\bdop_v1_[0-9a-f]{64}\b"),
    (b"shpat_", "shopify-token", rb"\bshpat_[0-9a-fA-F]{32}\b"),
    (b"EAACEdEose0cBA", "facebook-token", rb"\bEAACEdEose0cBA[0-9A-Za-z]+"),
    (b":AA", "telegram-bot-token", rb"\b\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])"),
    (
        b"PRIVATE KEY-----",
        "private-key",
        rb"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----(?:\\n|\\r|[\s\"'+\\])*[A-Za-z0-9+/=:, -]{24,}",
    ),
    (b"eyJ", "json-web-token", rb"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
)
