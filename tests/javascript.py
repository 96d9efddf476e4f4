"""把发布的 Python 公式翻译成 JavaScript：走一遍语法树，不认识的写法一律拒绝，绝不猜。"""

import ast
import inspect
import json
import math
import textwrap
from importlib import import_module
from types import FunctionType

HEADER = (
    "// 由 tests/javascript.py 译自 snippets/，不要手改；重新生成：pytest --update -k calculators"
)
# 在两种语言里不同的运算，照 Python 的规矩来：该报错的报错。只写出用到的。
HELPERS = {
    "$div": "(a, b) => { if (b !== 0) return a / b; throw new RangeError('division by zero'); }",
    "$pow": "(a, b) => { if (Math.abs(a ** b) < Infinity) return a ** b; throw new RangeError('pow'); }",
    "$sqrt": "(a) => { if (!(a < 0)) return Math.sqrt(a); throw new RangeError('math domain'); }",
    "$max": "(...all) => all.reduce((a, b) => (b > a ? b : a))",
    "$min": "(...all) => all.reduce((a, b) => (b < a ? b : a))",
}
CALLS = {math.sqrt: "$sqrt", max: "$max", min: "$min"}
ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
COMPARE = {
    **{ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="},
    **{ast.Eq: "===", ast.NotEq: "!=="},
}


class Function:
    """一个发布的函数。外面的名字由导入好的模块回答；用到的别的函数记进 uses。"""

    def __init__(self, function: FunctionType):
        self.python, self.names, self.uses = function, set(), []
        self.name = f"{function.__module__}.{function.__name__}"
        lines, self.start = inspect.getsourcelines(function)
        (self.tree,) = ast.parse(textwrap.dedent("".join(lines))).body

    def refuse(self, node: ast.AST, why: str = "") -> None:
        place = f"{inspect.getsourcefile(self.python)}:{self.start + node.lineno - 1}"
        code = ast.unparse(node).splitlines()[0]
        raise NotImplementedError(
            f"{place}: 不会把 {type(node).__name__}“{code}”翻译成 JavaScript{why}；"
            "换成 tests/javascript.py 认识的写法，或者在那里教会它"
        )

    def translate(self) -> str:
        given, names = self.tree.args, [argument.arg for argument in self.tree.args.args]
        unknown = given.posonlyargs or given.vararg or given.kwonlyargs or (given.kwarg and names)
        if unknown or self.tree.decorator_list:
            self.refuse(self.tree, "：参数写成 (a, b=1) 或 (**amounts)，不用装饰器")
        defaults = dict(zip(reversed(names), map(self.value, reversed(given.defaults))))
        self.names, self.mapping = set(names), given.kwarg and given.kwarg.arg
        shown = [f"{name} = {defaults[name]}" if name in defaults else name for name in names]
        head = self.mapping or f"{{ {', '.join(shown)} }}"
        body = self.tree.body[ast.get_docstring(self.tree) is not None :]
        return f'"{self.name}": ({head}) => {{\n{self.block(body, "  ", top=True)}}},\n'

    def block(self, body: list[ast.stmt], indent: str, top: bool = False) -> str:
        return "".join(f"{indent}{self.statement(node, indent, top)}\n" for node in body)

    def statement(self, node: ast.stmt, indent: str, top: bool) -> str:
        match node:
            case ast.Return(value=ast.expr() as value):
                return f"return {self.value(value)};"
            case ast.Expr(value=ast.Call() as call):
                return f"{self.value(call)};"
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if top:
                if name in self.names:
                    self.refuse(node, "：一个名字只赋值一次")
                code = f"const {name} = {self.value(value)};"
                self.names.add(name)
                return code
            case ast.If(test=test, body=body, orelse=[]):
                inside = self.block(body, indent + "  ")
                return f"if ({self.condition(test)}) {{\n{inside}{indent}}}"
            case ast.For(
                target=ast.Tuple(elts=[ast.Name(id=key), ast.Name(id=value)]),
                iter=ast.Call(func=ast.Attribute(value=ast.Name(id=of), attr="items"), args=[]),
                body=body,
                orelse=[],
            ) if of == self.mapping:  # for name, value in amounts.items()，amounts 来自 **amounts
                self.names |= {key, value}
                inside = self.block(body, indent + "  ")
                return (
                    f"for (const [{key}, {value}] of Object.entries({of})) {{\n{inside}{indent}}}"
                )
            case ast.Raise(exc=ast.Call(func=ast.Name(id="ValueError"), args=[text]), cause=None):
                return f"throw new RangeError({self.text(text)});"
        return self.refuse(node)

    def text(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=str(text)):
                return json.dumps(text, ensure_ascii=False)
            case ast.JoinedStr(values=parts):
                return " + ".join(['""', *map(self.text, parts)])
            case ast.FormattedValue(value=ast.Name() as value, conversion=-1, format_spec=None):
                return self.value(value)
        return self.refuse(node)

    def condition(self, node: ast.expr) -> str:
        """条件里只收比较：空字符串、None、NaN 的真假在两种语言里不同。"""
        match node:
            case ast.BoolOp(op=op, values=values):
                sign = " && " if isinstance(op, ast.And) else " || "
                return sign.join(f"({self.condition(value)})" for value in values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"!({self.condition(operand)})"
            case ast.Compare(left=left, ops=ops, comparators=rest) if {*map(type, ops)} <= {
                *COMPARE
            }:
                terms = [self.inner(term) for term in (left, *rest)]
                triples = zip(terms, ops, terms[1:])
                return " && ".join(f"{a} {COMPARE[type(op)]} {b}" for a, op, b in triples)
        return self.refuse(node)

    def value(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=number):
                return self.number(node, number)
            case ast.Name(id=name) if name in self.names:
                return name
            case ast.Name():
                return self.number(node, self.resolve(node))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self.inner(operand)}"
            case ast.BinOp(left=left, op=ast.Div() | ast.Pow() as op, right=right):
                helper = "$div" if isinstance(op, ast.Div) else "$pow"
                return f"{helper}({self.value(left)}, {self.value(right)})"
            case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
                return f"{self.inner(left)} {ARITHMETIC[type(op)]} {self.inner(right)}"
            case ast.IfExp(test=test, body=yes, orelse=no):
                return f"({self.condition(test)} ? {self.value(yes)} : {self.value(no)})"
            case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str(text))]):
                return self.number(node, float(text))
            case ast.Call(func=function, args=arguments, keywords=keywords):
                return self.call(node, self.resolve(function), arguments, keywords)
        return self.refuse(node)

    def inner(self, node: ast.expr) -> str:
        code = self.value(node)
        return f"({code})" if isinstance(node, ast.BinOp | ast.UnaryOp) else code

    def number(self, node: ast.expr, number: object) -> str:
        if type(number) not in (int, float) or number != number or number != float(number):
            self.refuse(node, "：这里要一个双精度放得下的数")
        return repr(number).replace("inf", "Infinity")

    def resolve(self, node: ast.expr) -> object:
        match node:
            case ast.Name(id=name) if name in self.python.__globals__:
                return self.python.__globals__[name]
            case ast.Name(id="max" | "min" as name):
                return max if name == "max" else min
            case ast.Attribute(value=ast.Name() as module, attr=name):
                return getattr(self.resolve(module), name)
        return self.refuse(node)

    def call(self, node, target, arguments, keywords) -> str:
        if target in CALLS and not keywords:
            return f"{CALLS[target]}({', '.join(map(self.value, arguments))})"
        if not isinstance(target, FunctionType) or None in [keyword.arg for keyword in keywords]:
            self.refuse(node)
        given = dict(zip(inspect.signature(target).parameters, map(self.value, arguments)))
        given |= {keyword.arg: self.value(keyword.value) for keyword in keywords}
        self.uses.append(target)
        pairs = [name if name == code else f"{name}: {code}" for name, code in given.items()]
        return f'formulas["{target.__module__}.{target.__name__}"]({{ {", ".join(pairs)} }})'


def published(name: str) -> FunctionType:
    """从 business.cloud.payback.payback_years 这样的全名得到函数。"""
    module, _, function = name.rpartition(".")
    return getattr(import_module(module), function)


def translate(functions: list[FunctionType]) -> str:
    """functions 和它们用到的全部函数，写成 formulas["全名"]({ 参数: 值 })。"""
    done, waiting = {}, list(functions)
    while waiting:
        function = Function(waiting.pop())
        if function.name not in done:
            done[function.name] = function.translate()
            waiting += function.uses
    code = "".join(done[name] for name in sorted(done))
    helpers = [f"const {name} = {body};\n" for name, body in HELPERS.items() if f"{name}(" in code]
    return f"{HEADER}\n{''.join(helpers)}const formulas = {{\n{code}}};\n"
