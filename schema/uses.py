"""What calls do that rules and reviewers ask for by kind; each row is worked out from the call's exact name and arguments."""

from typing import NamedTuple

from schema.table import table


@table("python_http_requests", index=("library",), derived=True)
class HttpRequest(NamedTuple):
    """One outgoing request, or one client that makes them."""

    library: str
    method: str  #: GET, POST, …; client for a session; * when an argument says
    url_source: str | None
    url_constant: str | None
    verify: str | None  #: what is said of certificates: the constant, else the source; NULL when nothing
    timeout: str | None
    auth_kind: str | None  #: the shape of `auth=`
    proxies_given: bool


@table("python_random_uses", derived=True)
class RandomUse(NamedTuple):
    """One random value, generator or seed."""

    callee: str
    is_cryptographic: bool
    target: str | None  #: the name it is assigned to
    seed_kind: str | None  #: of a seed: constant, or the shape of the expression


@table("python_deserializations", index=("library",), derived=True)
class Deserialization(NamedTuple):
    """One object read back from data."""

    library: str
    callee: str
    loader: str | None  #: of YAML
    safe: str  #: true, false, or unknown where the arguments decide
    input_kind: str  #: the shape of the data's expression


@table("python_xml_parsers", derived=True)
class XmlParser(NamedTuple):
    """One XML parser made or used; settings that aren't given are NULL."""

    library: str
    callee: str
    resolve_entities: str | None
    no_network: str | None
    load_dtd: str | None
    huge_tree: str | None
    is_defused: bool


@table("python_archive_extractions", derived=True)
class ArchiveExtraction(NamedTuple):
    """One archive unpacked."""

    library: str
    callee: str
    filter_name: str | None
    members_given: bool


@table("python_tls_settings", derived=True)
class TlsSetting(NamedTuple):
    """One setting of TLS or of host keys, by a call or an assignment."""

    callee: str  #: what is called, or the target that is assigned to
    setting: str  #: protocol, check_hostname, verify_mode, minimum_version, ciphers, host_key_policy or context
    value: str | None


@table("python_crypto_operations", index=("algorithm",), derived=True)
class CryptoOperation(NamedTuple):
    """One cryptographic operation."""

    library: str
    operation: str  #: cipher, mode, key, sign, kdf or mac
    algorithm: str | None
    mode: str | None
    key_kind: str  #: the shape of the key's expression; missing
    iv_kind: str  #: likewise of the nonce
    key_bits: int | None


@table("python_network_binds", derived=True)
class NetworkBind(NamedTuple):
    """One address that is listened on."""

    callee: str
    host: str | None
    port: str | None


@table("python_permission_changes", derived=True)
class PermissionChange(NamedTuple):
    """One change of a file's permissions, or of those that new files get."""

    callee: str
    mode: str | None  #: in octal; NULL when not constant
    is_world_writable: bool


@table("python_temporary_files", derived=True)
class TemporaryFileUse(NamedTuple):
    """One temporary file or directory."""

    callee: str
    kind: str  #: file, directory or name
    path_constant: str | None  #: a folder that is given


@table("python_reflections", derived=True)
class Reflection(NamedTuple):
    """One access to an attribute, module or function by its name."""

    callee: str
    name_source: str
    prefix: str | None  #: what the name begins with, whatever follows


@table("python_mail_sends", derived=True)
class MailSend(NamedTuple):
    """One e-mail sent, or made to be sent."""

    library: str
    callee: str
    has_html: bool
    recipients_kind: str  #: the shape of the recipients' expression; missing


@table("python_model_calls", derived=True)
class ModelCall(NamedTuple):
    """One prompt given to a language model."""

    library: str
    callee: str
    prompt_kind: str  #: the shape of the prompt's expression; missing
    has_tools: bool


@table("python_log_calls", index=("level",), derived=True)
class LogCall(NamedTuple):
    """One message logged."""

    library: str
    level: str
    message_source: str
    has_interpolation: bool  #: the message is put together before it is logged
    arguments: int


@table("python_markup_uses", derived=True)
class MarkupUse(NamedTuple):
    """One value declared safe for a page, or escaped for it."""

    callee: str
    kind: str  #: safe, escape or clean
    input_kind: str


@table("python_template_renders", index=("template",), derived=True)
class TemplateRender(NamedTuple):
    """One template rendered, or one environment of templates made."""

    framework: str
    callee: str
    template: str | None
    source_kind: str  #: file, constant, string (put together) or environment
    autoescape: str | None


@table("python_template_context", index=("template", "name"), derived=True)
class TemplateContext(NamedTuple):
    """One variable given to one template by the call at the same site."""

    template: str | None
    name: str
    source: str
    kind: str  #: the shape of the expression


@table("python_cdk_constructs", index=("construct",), derived=True)
class CdkConstruct(NamedTuple):
    """One construct of infrastructure; its keywords are python_call_arguments of the same site."""

    library: str  #: aws_cdk, pulumi or cdktf
    construct: str
    identifier: str | None
    properties: int


@table("python_sql_query_tables", index=("table_name",), derived=True)
class SqlQueryTable(NamedTuple):
    """One table that one query names; its site is the query's."""

    table_name: str
    operation: str  #: SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, …
