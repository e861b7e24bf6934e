"""Functions that messages, events or a language model reach."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from schema.tasks import ConsumerCall, ToolCall

_CALLED: Final = {"basic_consume": ("queue", 0, "on_message_callback", 1), "subscribe": ("subject", 0, "cb", 2)}


@extracts(ast.Call, callee=_CALLED, when=("pika", "aio_pika", "nats", "redis", "google"))
def consumer_call(node: ast.Call, context: Context) -> Iterator[ConsumerCall]:
    """
    Each consumer that a call registers.

    >>> rows(consumer_call, "import pika\\nchannel.basic_consume(queue='q', on_message_callback=handle, auto_ack=True)")
    ConsumerCall(library='pika', handler='handle', topic='q', kind='callback')
    """
    if not isinstance(node.func, ast.Attribute):
        return
    word = node.func.attr
    topic_word, topic_at, handler_word, handler_at = _CALLED[word]
    if "google" in context.imports and "pubsub" in context.name(node.func):
        topic_word, handler_word, handler_at = "subscription", "callback", 1
    handler = context.keyword(node, handler_word, handler_at)
    text = context.text(handler)
    if text:
        library = next(iter(sorted({"pika", "aio_pika", "nats", "redis", "google"} & context.imports)))
        topic = context.string(context.keyword(node, topic_word, topic_at))
        yield ConsumerCall(library, text, topic, "callback")


_STREAMS: Final = {
    "kafka.KafkaConsumer": "kafka",
    "kafka.consumer.KafkaConsumer": "kafka",
    "aiokafka.AIOKafkaConsumer": "aiokafka",
    "confluent_kafka.Consumer.subscribe": "confluent_kafka",
    "confluent_kafka.DeserializingConsumer.subscribe": "confluent_kafka",
}


@extracts(ast.Call, callee={name.rpartition(".")[2] for name in _STREAMS}, when={*_STREAMS.values()})
def stream_consumer(node: ast.Call, context: Context) -> Iterator[ConsumerCall]:
    """
    Each topic that a function reads message by message.

    >>> rows(stream_consumer, "from kafka import KafkaConsumer\\ndef work():\\n    for message in KafkaConsumer('orders', 'bills'): ...")
    ConsumerCall(library='kafka', handler='work', topic='orders', kind='consumer')
    ConsumerCall(library='kafka', handler='work', topic='bills', kind='consumer')
    """
    library = _STREAMS.get(context.name(node.func))
    if library is None:
        return
    handler = getattr(context.scope.node, "name", "")
    listed = node.args[0] if len(node.args) == 1 and isinstance(node.args[0], (ast.List, ast.Tuple)) else None
    topics: list[Any] = listed.elts if listed is not None else list(node.args)
    for topic in topics or [None]:
        yield ConsumerCall(library, handler, context.string(topic), "consumer")


@extracts(ast.Module)
def lambda_handler(node: ast.Module, context: Context) -> Iterator[At]:
    """
    Each function with the signature AWS Lambda calls: a module's `…handler(event, context)`.

    >>> rows(lambda_handler, "def lambda_handler(event, context): ...\\ndef handler(request): ...\\ndef make(event, context): ...")
    ConsumerCall(library='aws-lambda', handler='lambda_handler', topic=None, kind='function')
    """
    for function in node.body:
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and function.name.endswith("handler"):
            if [argument.arg for argument in function.args.args] in (
                ["event", "context"],
                ["event", "_context"],
                ["event", "_"],
            ):
                yield At(function, ConsumerCall("aws-lambda", function.name, None, "function"))


_AGENTS: Final = frozenset(
    "mcp fastmcp langchain langchain_core langgraph agents openai_agents pydantic_ai crewai crewai_tools semantic_kernel "
    "llama_index smolagents autogen autogen_core strands google".split()
)


@extracts(ast.Call, callee={"from_function", "add_tool", "from_defaults"}, when=_AGENTS)
def tool_call(node: ast.Call, context: Context) -> Iterator[ToolCall]:
    """
    Each function that a call gives to a language model.

    >>> rows(tool_call, "from langchain_core.tools import StructuredTool\\nStructuredTool.from_function(func=search, name='find')")
    ToolCall(library='langchain_core', function='search', name='find', kind='tool')
    """
    library = context.name(node.func).partition(".")[0]
    function = context.keyword(node, "func") or context.keyword(node, "fn", 0)
    if library in _AGENTS and context.text(function):
        name = context.string(context.keyword(node, "name"))
        yield ToolCall(library, context.text(function), name, "tool")
