"""Functions of files and paths; files are read through the caller's `FileReader`.

A path below the working directory of Terraform, which is not known, is read as if relative to it.

Source: https://developer.hashicorp.com/terraform/language/functions, "Filesystem functions"
"""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Callable

from stackworthy.core.value import NotKnown, OpenMap, Partial, Unknown, Value, joined
from stackworthy.sources.terraform.bounds import MAX_ELEMENTS, check_text
from stackworthy.sources.terraform.conversions import make_set, normalize, reason_of
from stackworthy.sources.terraform.functions.contract import (
    Context,
    Failure,
    FileReader,
    FunctionError,
    Render,
    invalid,
)
from stackworthy.sources.terraform.functions.globs import BadGlob, glob_pattern
from stackworthy.sources.terraform.functions.hashing import digest
from stackworthy.sources.terraform.functions.pieces import known_text, made_of
from stackworthy.sources.terraform.types import HOME_DIRECTORY, WORKING_DIRECTORY, is_unknown

_MISSING = (
    'no file exists at "{}"; this function works only with files that are distributed as part of the configuration '
    "source code, so if this file will be created by a resource in this configuration you must instead obtain this "
    "result from an attribute of that resource"
)


def _path(value: Value) -> str:
    """The path, with the unknown working directory as `.`; raises `NotKnown` for other paths that are not known."""
    if isinstance(value, str):
        return value
    parts = value.pieces if isinstance(value, Partial) else (value,)
    first = parts[0]
    if isinstance(first, Unknown) and first.expression == WORKING_DIRECTORY.expression:
        rest = joined(parts[1:])
        if rest == "" or (isinstance(rest, str) and rest.startswith("/")):
            return f".{rest}"
    raise NotKnown(reason_of(value))


def _reader(context: Context) -> FileReader:
    if context.files is None:
        raise NotKnown("files are not read here")
    return context.files


def _read(context: Context, value: Value) -> bytes:
    path = _path(value)
    try:
        data = _reader(context).read(path)
    except FileNotFoundError:
        raise invalid("path", _MISSING.format(path)) from None
    except IsADirectoryError:
        raise invalid(
            "path", f"failed to read file: read {posixpath.normpath(path)}: is a directory"
        ) from None
    check_text(len(data))
    return data


def _opened(context: Context, value: Value) -> bytes:
    """The bytes of the file, for the functions that complain as the operating system does."""
    path = _path(value)
    try:
        data = _reader(context).read(path)
    except FileNotFoundError:
        raise Failure(f"open {path}: no such file or directory") from None
    except IsADirectoryError:
        raise Failure(f"read {path}: is a directory") from None
    check_text(len(data))
    return data


def _text(data: bytes, path: Value) -> str:
    try:
        return normalize(data.decode())
    except UnicodeDecodeError:
        raise Failure(
            f'contents of "{path}" are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded '
            "contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead"
        ) from None


def file(context: Context, path: Value) -> Value:
    """`file(path)`."""
    return _text(_read(context, path), path)


def filebase64(context: Context, path: Value) -> Value:
    """`filebase64(path)`."""
    return base64.b64encode(_read(context, path)).decode()


def _hexadecimal(algorithm: str) -> Callable[[Context, Value], str]:
    return lambda context, path: digest(algorithm, _opened(context, path)).hex()


def _base64(algorithm: str) -> Callable[[Context, Value], str]:
    return lambda context, path: base64.b64encode(digest(algorithm, _opened(context, path))).decode()


def fileexists(context: Context, path: Value) -> Value:
    """`fileexists(path)`: whether there is a regular file."""
    where = _path(path)
    try:
        return _reader(context).exists(where)
    except IsADirectoryError:
        raise Failure(f'"{where}" is a directory, not a file') from None


def fileset(context: Context, path: Value, pattern: Value) -> Value:
    """`fileset(path, pattern)`: regular files, relative to the path."""
    where = _path(path)
    source = known_text(pattern)
    inner, above = posixpath.normpath(source) if source else "", ""
    while inner.startswith("../"):
        inner, above, where = inner[3:], above + "../", f"{where}/.."
    try:
        matcher = glob_pattern(inner)
    except BadGlob:
        raise Failure(f'failed to glob pattern "{source}": syntax error in pattern') from None
    found: list[Value] = []
    for index, name in enumerate(_reader(context).files(where)):
        if index >= MAX_ELEMENTS:
            raise NotKnown("the directory holds too many files")
        match = matcher.search(name)
        if match is not None:
            found.append(normalize(above + name))
    return make_set(found)


def basename(_: Context, path: Value) -> Value:
    """`basename(path)`: known as soon as the last part of the path is."""
    if isinstance(path, str):
        return _base(path)
    if isinstance(path, Partial) and "/" in path.suffix.rstrip("/"):
        return _base(path.suffix)
    raise NotKnown(reason_of(path))


def _base(path: str) -> str:
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def _clean(path: str) -> str:
    """The shortest path that means the same."""
    return posixpath.normpath("/" + path.lstrip("/") if path.startswith("/") else path)


def dirname(_: Context, path: Value) -> Value:
    """`dirname(path)`."""
    if isinstance(path, str):
        return _clean(path.rpartition("/")[0] + ("/" if path.startswith("/") else "")) if "/" in path else "."
    if not isinstance(path, Partial):
        raise NotKnown(reason_of(path))
    start = path.suffix.rpartition("/")[0].lstrip("/")
    if not start or _clean(start) != start or start.startswith("."):
        raise NotKnown(path.reason)
    return Partial((made_of("dirname", path), start))


def abspath(_: Context, path: Value) -> Value:
    """`abspath(path)`: below the working directory, whose own name is not known."""
    if not isinstance(path, str):
        inner = _path(path)
        return path if _clean(inner) in (inner[2:], inner) else abspath(_, inner)
    clean = _clean(path)
    if clean.startswith("/"):
        return clean
    if clean == ".":
        return WORKING_DIRECTORY
    if clean.startswith(".."):
        raise NotKnown(WORKING_DIRECTORY.reason)
    return Partial((WORKING_DIRECTORY, "/" + clean))


def pathexpand(_: Context, path: Value) -> Value:
    """`pathexpand(path)`: a leading `~` is the home directory, which is not known."""
    start = path.prefix if isinstance(path, Partial) else known_text(path)
    if not start and isinstance(path, Partial):
        raise NotKnown(path.reason)
    if not start.startswith("~"):
        return path
    if len(start) > 1 and start[1] not in "/\\":
        raise Failure("cannot expand user-specific home dir")
    rest = path.pieces[1:] if isinstance(path, Partial) else ()
    return joined((HOME_DIRECTORY, start[1:], *rest))


def _renderer(context: Context) -> Render:
    if context.render is None:
        raise NotKnown("templates are not rendered here")
    return context.render


def _variables(variables: Value) -> dict[str, Value]:
    if is_unknown(variables):
        raise NotKnown(reason_of(variables))
    if not isinstance(variables, dict):
        raise FunctionError('Invalid value for "vars" parameter: invalid vars value: must be a map.')
    if isinstance(variables, OpenMap):
        return variables
    for key in variables:
        if not key.replace("-", "_").isidentifier():
            raise invalid(
                "vars",
                f'invalid template variable name "{key}": must start with a letter, followed by zero or more letters, '
                "digits, and underscores",
            )
    return variables


def templatefile(context: Context, path: Value, variables: Value) -> Value:
    """`templatefile(path, vars)`."""
    checked = _variables(variables)
    text = _text(_read(context, path), path)
    return _renderer(context)(text, checked, _path(path))


def templatestring(context: Context, template: Value, variables: Value) -> Value:
    """`templatestring(template, vars)`."""
    checked = _variables(variables)
    return _renderer(context)(known_text(template), checked, "<templatestring argument>")


TABLE: dict[str, Callable[..., Value]] = {
    "abspath": abspath,
    "basename": basename,
    "dirname": dirname,
    "file": file,
    "filebase64": filebase64,
    "filebase64sha256": _base64("sha256"),
    "filebase64sha512": _base64("sha512"),
    "fileexists": fileexists,
    "filemd5": _hexadecimal("md5"),
    "fileset": fileset,
    "filesha1": _hexadecimal("sha1"),
    "filesha256": _hexadecimal("sha256"),
    "filesha512": _hexadecimal("sha512"),
    "pathexpand": pathexpand,
    "templatefile": templatefile,
    "templatestring": templatestring,
}
