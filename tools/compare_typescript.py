"""Compare the lowering of JavaScript and TypeScript with TypeScript's own parser on every file of a folder.

    compare_typescript.py FOLDER --typescript NODE_MODULES [--show N] [--limit N]

NODE_MODULES is a folder in which `npm install typescript@5` has run (later ones have no parser to call); node has to be on the PATH. Per file the names of functions,
the dotted texts of what is called, and the values of texts are compared as multisets, the modules that it loads as sets.
Files that TypeScript itself finds faulty are counted apart.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from stackworthy.core.code import Call, Element, Function, Literal, Module, Name, Node, Template, dotted, walk
from stackworthy.sources.code.text import JAVASCRIPT, NotParsed
from stackworthy.sources.code.typescript import lower

KINDS = ("functions", "calls", "texts", "modules")

ORACLE = r"""
const ts = require("typescript"), fs = require("fs");
const K = ts.SyntaxKind;
const transparent = new Set([K.ParenthesizedExpression, K.AsExpression, K.SatisfiesExpression, K.NonNullExpression, K.TypeAssertionExpression]);
const bare = n => { while (transparent.has(n.kind)) n = n.expression; return n; };
function dotted(n) {
  n = bare(n);
  if (ts.isIdentifier(n)) return n.text === "undefined" ? "" : n.text;
  if (n.kind === K.ThisKeyword) return "this";
  if (n.kind === K.SuperKeyword) return "super";
  if (n.kind === K.ImportKeyword) return "import";
  if (ts.isMetaProperty(n)) return "import.meta";
  if (ts.isPropertyAccessExpression(n)) { const before = dotted(n.expression); return before && before + "." + n.name.text; }
  if (ts.isCallExpression(n) || ts.isNewExpression(n)) { const before = dotted(n.expression); return before && before + "()"; }
  if (ts.isTaggedTemplateExpression(n)) { const before = dotted(n.tag); return before && before + "()"; }
  if (ts.isAwaitExpression(n)) return dotted(n.expression);
  return "";
}
function nameOf(n) {
  if (n.name && (ts.isIdentifier(n.name) || ts.isPrivateIdentifier(n.name) || ts.isStringLiteral(n.name))) return n.name.text;
  if (ts.isConstructorDeclaration(n)) return "constructor";
  if (n.name) return "";
  if (ts.canHaveModifiers(n) && (ts.getModifiers(n) || []).some(m => m.kind === K.DefaultKeyword)) return "default";
  let up = n.parent;
  while (transparent.has(up.kind)) up = up.parent;
  const key = k => ts.isIdentifier(k) || ts.isStringLiteral(k) || ts.isPrivateIdentifier(k) ? k.text : "";
  if (ts.isVariableDeclaration(up) || ts.isPropertyAssignment(up) || ts.isPropertyDeclaration(up) || ts.isBindingElement(up)) return up.name ? key(up.name) : "";
  if (ts.isExportAssignment(up)) return "default";
  if (ts.isBinaryExpression(up) && up.operatorToken.kind === K.EqualsToken) {
    const left = bare(up.left);
    if (ts.isIdentifier(left)) return left.text;
    if (ts.isPropertyAccessExpression(left)) return left.name.text === "exports" ? "" : left.name.text;
  }
  return "";
}
function facts(file) {
  const text = fs.readFileSync(file, "utf8");
  const kind = /\.(ts|mts|cts)$/.test(file) ? ts.ScriptKind.TS : ts.ScriptKind.TSX;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind);
  const found = { file, errors: source.parseDiagnostics.length, functions: [], calls: [], texts: [], modules: [] };
  const waiting = [source];
  while (waiting.length) {
    const n = waiting.pop();
    if (ts.isTypeNode(n) && !ts.isExpressionWithTypeArguments(n)) continue;
    if (ts.isInterfaceDeclaration(n) || ts.isTypeAliasDeclaration(n)) continue;
    if (ts.canHaveModifiers(n) && (ts.getModifiers(n) || []).some(m => m.kind === K.DeclareKeyword)) continue;
    if (ts.isImportDeclaration(n)) {
      const clause = n.importClause, named = clause && clause.namedBindings;
      const types = clause && (clause.isTypeOnly || !clause.name && named && ts.isNamedImports(named) && named.elements.every(e => e.isTypeOnly));
      if (!types) found.modules.push(n.moduleSpecifier.text);
      continue;
    }
    if (ts.isImportEqualsDeclaration(n) && ts.isExternalModuleReference(n.moduleReference)) {
      if (!n.isTypeOnly) found.modules.push(n.moduleReference.expression.text);
      continue;
    }
    if (ts.isExportDeclaration(n)) {
      const types = n.isTypeOnly || n.exportClause && ts.isNamedExports(n.exportClause) && n.exportClause.elements.every(e => e.isTypeOnly);
      if (n.moduleSpecifier && !types) found.modules.push(n.moduleSpecifier.text);
      continue;
    }
    if (ts.isCallExpression(n) && ["require", "import"].includes(dotted(n.expression)) && n.arguments.length && ts.isStringLiteralLike(n.arguments[0])) {
      found.modules.push(n.arguments[0].text);
      n.arguments.slice(1).forEach(c => { waiting.push(c); });
      continue;
    }
    if (ts.isFunctionLike(n) && n.body) found.functions.push(nameOf(n));
    else if (ts.isFunctionLike(n)) continue;
    if (ts.isCallExpression(n) || ts.isNewExpression(n)) found.calls.push(dotted(n.expression));
    if (ts.isTaggedTemplateExpression(n)) found.calls.push(dotted(n.tag));
    if (ts.isStringLiteral(n) || ts.isNoSubstitutionTemplateLiteral(n)) found.texts.push(n.text);
    ts.forEachChild(n, c => { waiting.push(c); });
  }
  return found;
}
for (const file of fs.readFileSync(0, "utf8").split("\n").filter(Boolean)) console.log(JSON.stringify(facts(file)));
"""


def files_of(folder: Path) -> list[str]:
    """The JavaScript and TypeScript of a folder, without packages that were installed into it and declarations."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in ("node_modules", ".git")]
        found.extend(
            os.path.join(place, name)
            for name in names
            if name.endswith(JAVASCRIPT) and not name.endswith(".d.ts")
        )
    return sorted(found)


def theirs(files: list[str], modules: str) -> dict[str, dict[str, Any]]:
    """What TypeScript's parser finds in each file."""
    node = shutil.which("node")
    if node is None:
        sys.exit("node is not installed")
    environment = {**os.environ, "NODE_PATH": modules}
    done = subprocess.run(
        [node, "-e", ORACLE], input="\n".join(files), capture_output=True, text=True, env=environment
    )
    if done.returncode:
        sys.exit(done.stderr.strip())
    return {found["file"]: found for found in map(json.loads, filter(None, done.stdout.split("\n")))}


def ours(module: Module) -> dict[str, list[str]]:
    """The same facts from our tree; each node counts once, however often it stands there."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    found["modules"] = [item.module for item in module.imports]
    seen = {id(item) for item in module.imports}
    for node in walk(*module.body):
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Function):
            found["functions"].append(node.name)
        elif isinstance(node, Call):
            loads = node.callee.id in ("require", "import") if isinstance(node.callee, Name) else False
            if loads and node.arguments and isinstance(node.arguments[0], Literal):
                seen.add(id(node.arguments[0]))
            else:
                found["calls"].append(dotted(node.callee))
        elif isinstance(node, Template):
            seen.update(id(piece) for piece in node.pieces if plain(module.text, piece))
        elif isinstance(node, Element):
            seen.update(id(child) for child in node.children if plain(module.text, child))
        elif isinstance(node, Literal) and isinstance(node.value, str) and quoted(module.text, node):
            found["texts"].append(node.value)
    return found


def quoted(text: bytes, node: Node) -> bool:
    """Whether a text is written between quotes."""
    first, last = text[node.start : node.start + 1], text[node.end - 1 : node.end]
    return first == last and first in (b'"', b"'", b"`") and node.end - node.start > 1


def plain(text: bytes, piece: Node) -> bool:
    """Whether a piece of a template or element is its text, not an expression in it."""
    return isinstance(piece, Literal) and not text[: piece.start].rstrip().endswith(b"{")


def main() -> None:
    """Read the folder with both and print where they differ."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--typescript", required=True, help="the node_modules folder that has typescript")
    arguments.add_argument("--show", type=int, default=0, help="print this many differing files")
    arguments.add_argument("--limit", type=int, default=0, help="compare this many files only")
    options = arguments.parse_args()
    files = files_of(options.folder)
    files = files[: options.limit] if options.limit else files
    oracle = theirs(files, str(Path(options.typescript).resolve()))
    same: Counter[str] = Counter()
    total: Counter[str] = Counter()
    equal = compared = faulty = refused = lines = shown = 0
    seconds = 0.0
    for file in files:
        text = Path(file).read_bytes()
        start = time.process_time()
        try:
            module = lower(file, text)
        except NotParsed as error:
            refused += 1
            print(error)
            continue
        seconds += time.process_time() - start
        lines += text.count(b"\n")
        if oracle[file]["errors"]:
            faulty += 1
            continue
        compared += 1
        mine = ours(module)
        differences = []
        for kind in KINDS:
            one, other = Counter(mine[kind]), Counter(oracle[file][kind])
            if kind == "modules":
                one, other = Counter(set(one)), Counter(set(other))
            same[kind] += (one & other).total()
            total[kind] += (one | other).total()
            if one != other:
                differences.append(f"{kind}: only ours {dict(one - other)}, only theirs {dict(other - one)}")
        equal += not differences
        if differences and shown < options.show:
            shown += 1
            print(os.path.relpath(file, options.folder), *differences, sep="\n    ")
    print(
        f"{len(files)} files, {lines} lines, read in {seconds:.2f} s: {seconds / max(lines, 1) * 1e5:.2f} ms per 100 lines"
    )
    print(
        f"{refused} refused, {faulty} that TypeScript finds faulty, {equal} of {compared} others wholly equal"
    )
    for kind in KINDS:
        print(f"{kind}: {same[kind]} of {total[kind]} ({same[kind] / max(total[kind], 1):.3%})")


if __name__ == "__main__":
    main()
