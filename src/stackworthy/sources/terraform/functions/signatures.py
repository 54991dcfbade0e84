"""The signatures of all built-in functions, family by family.

One line per function: its name, then `parameter:type` as `terraform metadata functions` names them; `*` takes the
remaining arguments, `?` allows null. A name with `~` says that the function answers as far as its arguments are known (others are unknown when any
part of any argument is).
"""

from __future__ import annotations

from collections.abc import Mapping

from stackworthy.sources.terraform.functions.contract import Function, Parameter
from stackworthy.sources.terraform.types import PRIMITIVE, Type

_FAMILIES = {
    "strings": """
        ~chomp str:string
        ~endswith str:string suffix:string
        ~indent spaces:number str:string
        ~join separator:string *lists:list(string)
        ~lower str:string
        ~replace str:string substr:string replace:string
        ~split separator:string str:string
        ~startswith str:string prefix:string
        ~strcontains str:string substr:string
        ~strrev str:string
        ~substr str:string offset:number length:number
        ~title str:string
        ~trim str:string cutset:string
        ~trimprefix str:string prefix:string
        ~trimspace str:string
        ~trimsuffix str:string suffix:string
        ~upper str:string
    """,
    "formatting": """
        ~format format:string *args:any?
        ~formatlist format:string *args:any?
    """,
    "patterns": """
        regex pattern:string string:string
        regexall pattern:string string:string
    """,
    "numeric": """
        abs num:number
        ceil num:number
        floor num:number
        log num:number base:number
        max *numbers:number
        min *numbers:number
        parseint number:any base:number
        pow num:number power:number
        range *params:number
        signum num:number
        sum list:any
    """,
    "collections": """
        ~alltrue list:list(bool)
        ~anytrue list:list(bool)
        ~chunklist list:list(any) size:number
        ~coalesce *vals:any?
        ~coalescelist *vals:any?
        ~compact list:list(string)
        ~concat *seqs:any
        ~contains list:any value:any
        ~distinct list:list(any)
        ~element list:any index:number
        ~flatten list:any
        ~index list:any value:any
        ~length value:any
        matchkeys values:list(any) keys:list(any) searchset:list(any)
        ~one list:any
        ~reverse list:any
        ~slice list:any start_index:number end_index:number
        ~sort list:list(string)
    """,
    "maps": """
        ~keys inputMap:any
        ~lookup inputMap:any key:string *default:any?
        ~merge *maps:any?
        ~transpose values:map(list(string))
        ~values mapping:any
        ~zipmap keys:list(string) values:any
    """,
    "sets": """
        ~setintersection first_set:set(any) *other_sets:set(any)
        ~setproduct *sets:any
        ~setsubtract a:set(any) b:set(any)
        ~setunion first_set:set(any) *other_sets:set(any)
    """,
    "encoding": """
        base64decode str:string
        base64encode str:string
        csvdecode str:string
        textdecodebase64 source:string encoding:string
        textencodebase64 string:string encoding:string
        urlencode str:string
    """,
    "json": """
        ~jsondecode str:string
        ~jsonencode val:any?
    """,
    "yaml": """
        ~yamldecode src:string
        ~yamlencode value:any?
    """,
    "hashing": """
        base64sha256 str:string
        base64sha512 str:string
        md5 str:string
        sha1 str:string
        sha256 str:string
        sha512 str:string
        uuidv5 namespace:string name:string
    """,
    "time": """
        formatdate format:string time:string
        timeadd timestamp:string duration:string
        timecmp timestamp_a:string timestamp_b:string
    """,
    "network": """
        cidrhost prefix:string hostnum:number
        cidrnetmask prefix:string
        cidrsubnet prefix:string newbits:number netnum:number
        cidrsubnets prefix:string *newbits:number
    """,
    "files": """
        ~abspath path:string
        ~basename path:string
        ~dirname path:string
        ~file path:string
        ~filebase64 path:string
        ~filebase64sha256 path:string
        ~filebase64sha512 path:string
        ~fileexists path:string
        ~filemd5 path:string
        ~fileset path:string pattern:string
        ~filesha1 path:string
        ~filesha256 path:string
        ~filesha512 path:string
        ~pathexpand path:string
        ~templatefile path:string vars:any
        ~templatestring template:string vars:any
    """,
    "types": """
        ~can expression:any?
        ~ephemeralasnull value:any?
        ~issensitive value:any?
        ~list *vals:any?
        ~map *vals:any?
        ~nonsensitive value:any?
        ~sensitive value:any?
        ~tobool v:any?
        ~tolist v:any?
        ~tomap v:any?
        ~tonumber v:any?
        ~toset v:any?
        ~tostring v:any?
        ~try *expressions:any?
    """,
    "tfvars": """
        provider::terraform::decode_tfvars src:string
        provider::terraform::encode_expr value:any
        provider::terraform::encode_tfvars value:any
    """,
    "impure": """
        base64gzip str:string
        bcrypt str:string *cost:number
        plantimestamp
        rsadecrypt ciphertext:string privatekey:string
        timestamp
        uuid
    """,
}

_IMPURE = {
    "base64gzip": "what base64gzip gives depends on the compressor that Terraform was built with",
    "bcrypt": "bcrypt gives another hash at each run",
    "plantimestamp": "the time of the plan is not known",
    "rsadecrypt": "secrets are not decrypted here",
    "timestamp": "the time of the run is not known",
    "uuid": "uuid gives another identifier at each run",
}


def _type(text: str) -> Type:
    if text in PRIMITIVE:
        return PRIMITIVE[text]
    kind, _, inner = text.partition("(")
    return Type(kind, _type(inner[:-1]))


def _parameter(text: str) -> Parameter:
    name, _, type_ = text.lstrip("*").rpartition(":")
    return Parameter(name, _type(type_.rstrip("?")), type_.endswith("?"))


def _functions() -> Mapping[str, Function]:
    functions = {}
    for family, lines in _FAMILIES.items():
        for line in lines.split("\n"):
            words = line.split()
            if not words:
                continue
            name = words[0].lstrip("~")
            functions[name] = Function(
                name,
                family,
                tuple(_parameter(word) for word in words[1:] if not word.startswith("*")),
                next((_parameter(word) for word in words[1:] if word.startswith("*")), None),
                open_=words[0].startswith("~"),
                contextual=family == "files",
                impure=_IMPURE.get(name, ""),
            )
    return functions


FUNCTIONS: Mapping[str, Function] = _functions()
