"""What a program says to the outside: requests, mail, prompts, messages to the log, addresses it listens on, TLS."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from aud_action.derive import derives
from aud_action.derive.expressions import parsed
from aud_action.derive.uses import Used, spread, used
from aud_action.settings import Settings
from aud_action.store import Store
from schema.assignments import Target
from schema.calls import Callee
from schema.uses import HttpRequest, LogCall, MailSend, ModelCall, NetworkBind, TlsSetting

_VERBS: Final = "get,post,put,patch,delete,head,options,request"
_CLIENTS: Final = spread(
    "requests.{Session,session} httpx.{Client,AsyncClient} aiohttp.ClientSession urllib3.{PoolManager,ProxyManager} "
    "http.client.{HTTPConnection,HTTPSConnection} pycurl.Curl"
)
_REQUESTS: Final = frozenset(
    spread(
        f"requests.{{{_VERBS}}} requests.Session.{{{_VERBS}}} requests.session.{{{_VERBS}}} httpx.{{{_VERBS},stream}} "
        f"httpx.Client.{{{_VERBS},stream}} httpx.AsyncClient.{{{_VERBS},stream}} aiohttp.ClientSession.{{{_VERBS},ws_connect}} "
        "aiohttp.request urllib.request.{urlopen,Request,urlretrieve} urllib3.request urllib3.PoolManager.{request,urlopen} "
        "http.client.HTTPConnection.request http.client.HTTPSConnection.request"
    )
    | _CLIENTS
)
_URL_SECOND: Final = frozenset({"request", "ws_connect"})
_MAIL: Final = frozenset(
    spread(
        "smtplib.SMTP.{sendmail,send_message} smtplib.SMTP_SSL.{sendmail,send_message} aiosmtplib.send "
        "django.core.mail.{send_mail,send_mass_mail,mail_admins,mail_managers,EmailMessage,EmailMultiAlternatives} flask_mail.Message "
        "sendgrid.helpers.mail.Mail fastapi_mail.MessageSchema redmail.EmailSender.send yagmail.SMTP.send boto3.client.send_email"
    )
)
_RECIPIENTS: Final = ("recipient_list", "to_addrs", "to", "recipients", "to_emails", "receivers", "Destination")
_MODELS: Final = frozenset(
    spread(
        "openai.OpenAI.chat.completions.create openai.AsyncOpenAI.chat.completions.create openai.OpenAI.responses.create "
        "openai.AsyncOpenAI.responses.create openai.ChatCompletion.create openai.Completion.create openai.chat.completions.create "
        "anthropic.Anthropic.messages.{create,stream} anthropic.AsyncAnthropic.messages.{create,stream} "
        "litellm.{completion,acompletion} ollama.{chat,generate} google.generativeai.GenerativeModel.{generate_content,start_chat} "
        "google.genai.Client.models.generate_content cohere.Client.chat mistralai.Mistral.chat.complete transformers.pipeline "
        "langchain_openai.ChatOpenAI.{invoke,ainvoke,stream} langchain_anthropic.ChatAnthropic.{invoke,ainvoke,stream}"
    )
)
_PROMPTS: Final = ("messages", "input", "prompt", "contents", "inputs", "content")
_LEVELS: Final = "debug,info,warning,warn,error,exception,critical,fatal,log"
_LOGS: Final = frozenset(
    spread(
        f"logging.{{{_LEVELS}}} logging.getLogger.{{{_LEVELS}}} logging.Logger.{{{_LEVELS}}} loguru.logger.{{{_LEVELS},trace,success}} "
        f"structlog.get_logger.{{{_LEVELS}}} structlog.getLogger.{{{_LEVELS}}} flask.current_app.logger.{{{_LEVELS}}} "
        f"flask.Flask.logger.{{{_LEVELS}}} celery.utils.log.get_task_logger.{{{_LEVELS}}} warnings.warn"
    )
)
_PUT_TOGETHER: Final = frozenset({"fstring", "concat", "percent", "format", "join", "template"})
_BINDS: Final = {  # where the host is, and the port
    **dict.fromkeys(spread("uvicorn.run waitress.serve hypercorn.run"), (None, None)),
    **dict.fromkeys(
        spread("flask.Flask.run quart.Quart.run sanic.Sanic.run bottle.run bottle.Bottle.run aiohttp.web.run_app"),
        (None, None),
    ),
    **dict.fromkeys(
        spread("asyncio.{start_server,create_server} socketserver.{TCPServer,ThreadingTCPServer,UDPServer}"), (1, 2)
    ),
    **dict.fromkeys(spread("http.server.{HTTPServer,ThreadingHTTPServer} xmlrpc.server.SimpleXMLRPCServer"), (0, 0)),
    **dict.fromkeys(
        spread("socket.socket.bind socket.create_server grpc.server.add_insecure_port grpc.server.add_secure_port"),
        (0, 0),
    ),
    **dict.fromkeys(spread("wsgiref.simple_server.make_server werkzeug.serving.run_simple websockets.serve"), (0, 1)),
    **dict.fromkeys(spread("tornado.web.Application.listen tornado.httpserver.HTTPServer.listen"), (1, 0)),
}
_TLS: Final = {
    "ssl.SSLContext": ("protocol", 0),
    "ssl.wrap_socket": ("protocol", None),
    "ssl._create_unverified_context": ("context", None),
    "ssl._create_stdlib_context": ("context", None),
    "ssl.create_default_context": ("context", None),
    "ssl.SSLContext.set_ciphers": ("ciphers", 0),
    "ssl.create_default_context.set_ciphers": ("ciphers", 0),
    "paramiko.SSHClient.set_missing_host_key_policy": ("host_key_policy", 0),
    "paramiko.client.SSHClient.set_missing_host_key_policy": ("host_key_policy", 0),
    "OpenSSL.SSL.Context": ("protocol", 0),
    "asyncssh.connect": ("known_hosts", None),
}
_ASSIGNED: Final = """
SELECT site, target, coalesce(value_constant, value_source) FROM python_assignments
WHERE target_kind = 'attribute' AND target IN (
  SELECT name FROM python_targets
  WHERE name GLOB '*.check_hostname' OR name GLOB '*.verify_mode' OR name GLOB '*.minimum_version'
    OR name GLOB '*.maximum_version') ORDER BY site
"""


_PAIR: Final = 2


def _url(call: Used) -> dict[str, Any]:
    at = 1 if call.method in _URL_SECOND and call.callee != "aiohttp.ClientSession.ws_connect" else 0
    found = None if call.callee in _CLIENTS else call.given("url", "fullurl", "base_url", position=at)
    source = found.source if found is not None else None
    return {"url_source": source, "url_constant": found.constant if found is not None else None}


def _verb(call: Used) -> str:
    if call.callee in _CLIENTS:
        return "client"
    if call.method in _URL_SECOND:
        return (call.value("method", position=0) or "*").upper() if call.method == "request" else "GET"
    known = call.method.upper()
    return (
        known
        if known.lower() in _VERBS.split(",")
        else "GET"
        if "data" not in {a.keyword for a in call.arguments}
        else "POST"
    )


@derives(HttpRequest, after=(Callee,))
def http_requests(store: Store, _settings: Settings) -> Iterator[tuple[int, HttpRequest]]:
    """Each outgoing request and each client."""
    for call in used(store, _REQUESTS):
        auth = call.given("auth")
        yield (
            call.site,
            HttpRequest(
                library=call.library,
                method=_verb(call),
                **_url(call),
                verify=call.value("verify", "ssl", "cert_reqs", "context"),
                timeout=call.value("timeout"),
                auth_kind=auth.kind if auth is not None else None,
                proxies_given=call.given("proxies", "proxy", "proxy_url", "mounts") is not None,
            ),
        )


@derives(MailSend, ModelCall, after=(Callee,))
def messages(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each e-mail, and each prompt to a language model."""
    for call in used(store, _MAIL):
        at = 3 if call.callee.startswith("django.core.mail") else 1
        html = call.given("html_message", "html", "html_content") is not None or call.method == "EmailMultiAlternatives"
        yield call.site, MailSend(call.library, call.callee, html, call.shape(*_RECIPIENTS, position=at))
    for call in used(store, _MODELS):
        tools = call.given("tools", "functions") is not None
        yield call.site, ModelCall(call.library, call.callee, call.shape(*_PROMPTS, position=0), tools)


@derives(LogCall, after=(Callee,))
def log_calls(store: Store, _settings: Settings) -> Iterator[tuple[int, LogCall]]:
    """Each message that is logged."""
    for call in used(store, _LOGS):
        at = 1 if call.method == "log" else 0
        message = call.given("msg", "event", "message", position=at)
        if message is not None:
            level = {"warn": "warning", "fatal": "critical"}.get(call.method, call.method)
            rest = sum(1 for one in call.arguments if one.position is not None) - at - 1
            together = message.kind in _PUT_TOGETHER
            yield call.site, LogCall(call.library, level, message.source, together, max(rest, 0))


@derives(NetworkBind, TlsSetting, after=(Callee, Target))
def network_settings(store: Store, _settings: Settings) -> Iterator[tuple[int, Any]]:
    """Each address that is listened on, and each setting of TLS."""
    for call in used(store, _BINDS):
        host_at, port_at = _BINDS[call.callee]
        host = call.value("host", "hostname", "address", "addr", "server_address", position=host_at)
        port = None if host_at == port_at == 0 else call.value("port", position=port_at)
        pair = parsed(host) if port is None else None
        if isinstance(pair, ast.Tuple) and len(pair.elts) >= _PAIR:  # `bind((host, port))`
            host, port = (
                str(ast.literal_eval(one)) if isinstance(one, ast.Constant) else ast.unparse(one)
                for one in pair.elts[:_PAIR]
            )
        yield call.site, NetworkBind(call.callee, host, port)
    for call in used(store, _TLS):
        setting, at = _TLS[call.callee]
        value = call.value(
            "protocol", "ssl_version", "method", "ciphers", "policy", "cafile", "known_hosts", position=at
        )
        yield call.site, TlsSetting(call.callee, setting, value)
    for site, target, value in store.rows(_ASSIGNED):
        yield site, TlsSetting(target, target.rpartition(".")[2], value)
