//! Checks of the backend script.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::ops::ControlFlow;

use boa_ast::declaration::{Binding, LexicalDeclaration, Variable};
use boa_ast::expression::literal::{PropertyDefinition, TemplateLiteral};
use boa_ast::expression::operator::assign::{AssignOp, AssignTarget};
use boa_ast::expression::operator::binary::{ArithmeticOp, BinaryOp, LogicalOp};
use boa_ast::expression::operator::{Assign, Binary};
use boa_ast::expression::{
    Expression, ImportCall, Optional, RegExpLiteral, Spread, TaggedTemplate,
};
use boa_ast::function::{
    ArrowFunction, AsyncArrowFunction, AsyncFunctionDeclaration, AsyncFunctionExpression,
    AsyncGeneratorDeclaration, AsyncGeneratorExpression, ClassDeclaration, ClassExpression,
    FormalParameter, GeneratorDeclaration, GeneratorExpression,
};
use boa_ast::pattern::Pattern;
use boa_ast::property::{MethodDefinitionKind, PropertyName};
use boa_ast::scope::Scope;
use boa_ast::statement::Catch;
use boa_ast::statement::iteration::{ForOfLoop, IterableLoopInitializer};
use boa_ast::visitor::{VisitWith, Visitor};
use boa_ast::{Declaration, Position, Statement, StatementListItem};
use boa_interner::{Interner, Sym};
use boa_parser::error::Error as ParseError;
use boa_parser::lexer::error::Error as LexError;
use boa_parser::{Parser, Source};

use crate::integration::EntryPoint;

/// A problem in a backend script. The engine of the PBX runs ECMAScript 5.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptFinding {
    /// The kind of problem.
    pub kind: ScriptFindingKind,
    /// Line and column of a syntax error, from 1.
    pub position: Option<(u32, u32)>,
    message: String,
}

/// A kind of problem in a backend script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScriptFindingKind {
    /// The script cannot be parsed.
    SyntaxError,
    /// Syntax newer than ECMAScript 5.
    NewerSyntax,
    /// The script defines no entry point.
    NoEntryPoint,
    /// A function whose name is nearly that of an entry point.
    MisspelledEntryPoint,
}

impl fmt::Display for ScriptFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.position {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Checks a backend script: its syntax, and its entry points. Newer syntax of one kind is reported once.
///
/// For trusted scripts only: the parser recurses as deeply as they are nested.
///
/// ```
/// use pbx_integration::definition::check_script;
///
/// let findings = check_script("function ongroop(data) {\n  let id = data.callid;\n}");
/// let findings: Vec<_> = findings.iter().map(ToString::to_string).collect();
/// assert_eq!(findings, [
///     "expected ECMAScript 5, found `let` or `const`",
///     "expected `ongroup`, found `ongroop`",
///     "expected a function ongroup, onagent, oncdr or onhttp, found none",
/// ]);
/// assert_eq!(
///     check_script("function oncdr(cdr) {\n  return {;\n}")[0].to_string(),
///     "line 2, column 11: expected ECMAScript, found a syntax error"
/// );
/// ```
// P205
#[must_use]
pub fn check_script(script: &str) -> Vec<ScriptFinding> {
    let mut interner = Interner::default();
    let mut parser = Parser::new(Source::from_bytes(script));
    let parsed = match parser.parse_script(&Scope::new_global(), &mut interner) {
        Ok(parsed) => parsed,
        Err(error) => {
            // The parser's text quotes the script, which may contain secrets.
            let message = "expected ECMAScript, found a syntax error".to_owned();
            let (kind, position) = (ScriptFindingKind::SyntaxError, position(&error));
            return vec![ScriptFinding { kind, position, message }];
        }
    };
    let mut findings = Vec::new();
    let mut add = |kind, message| findings.push(ScriptFinding { kind, position: None, message });
    let mut newer = Newer::default();
    let _ = parsed.visit_with(&mut newer);
    let is_newer = |flags: &Sym| {
        let flags = interner.resolve_expect(*flags).to_string();
        !flags.chars().all(|flag| "gim".contains(flag))
    };
    if newer.flags.iter().any(is_newer) {
        newer.found.insert("a newer flag of a regular expression");
    }
    for what in newer.found {
        add(ScriptFindingKind::NewerSyntax, format!("expected ECMAScript 5, found {what}"));
    }
    let names = parsed.statements().statements().iter().flat_map(defined);
    let names: Vec<String> = names.map(|name| interner.resolve_expect(name).to_string()).collect();
    let is_entry = |name: &str| EntryPoint::ALL.iter().any(|point| point.as_str() == name);
    for name in names.iter().filter(|name| !is_entry(name)) {
        let near = EntryPoint::ALL.iter().find(|point| is_one_edit_away(name, point.as_str()));
        if let Some(point) = near {
            let message = format!("expected `{point}`, found `{name}`");
            add(ScriptFindingKind::MisspelledEntryPoint, message);
        }
    }
    if !names.iter().any(|name| is_entry(name)) {
        let message = "expected a function ongroup, onagent, oncdr or onhttp, found none";
        add(ScriptFindingKind::NoEntryPoint, message.to_owned());
    }
    findings
}

fn position(error: &ParseError) -> Option<(u32, u32)> {
    let position: Position = match error {
        ParseError::Expected { span, .. } | ParseError::Unexpected { span, .. } => span.start(),
        ParseError::Lex { err: LexError::Syntax(_, position) } => *position,
        ParseError::General { position, .. } => *position,
        _ => return None,
    };
    Some((position.line_number(), position.column_number()))
}

/// Returns the names that a top-level statement defines.
fn defined(statement: &StatementListItem) -> Vec<Sym> {
    match statement {
        StatementListItem::Declaration(Declaration::FunctionDeclaration(function)) => {
            vec![function.name().sym()]
        }
        StatementListItem::Statement(Statement::Var(variables)) => {
            let name = |variable: &Variable| match variable.binding() {
                Binding::Identifier(name) => Some(name.sym()),
                Binding::Pattern(_) => None,
            };
            variables.0.as_ref().iter().filter_map(name).collect()
        }
        StatementListItem::Statement(Statement::Expression(Expression::Assign(assignment))) => {
            match assignment.lhs() {
                AssignTarget::Identifier(name) => vec![name.sym()],
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Returns whether one letter inserted, left out, replaced or swapped with the next makes a name of another.
fn is_one_edit_away(name: &str, other: &str) -> bool {
    let (name, other) = (name.to_ascii_lowercase(), other.to_ascii_lowercase());
    let same = name.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    match (&name.as_bytes()[same..], &other.as_bytes()[same..]) {
        ([], []) => true,
        ([a, b, rest @ ..], [c, d, end @ ..]) if (a, b) == (d, c) && rest == end => true,
        ([_, rest @ ..], [_, end @ ..]) if rest == end => true,
        ([_, rest @ ..], end) if rest == end => true,
        (rest, [_, end @ ..]) => rest == end,
        _ => false,
    }
}

/// Kinds of syntax newer than ECMAScript 5.
#[derive(Default)]
struct Newer {
    found: BTreeSet<&'static str>,
    /// Flags of regular expressions, which only the interner can read.
    flags: Vec<Sym>,
}

impl Newer {
    fn note<'a>(
        &mut self,
        what: Option<&'static str>,
        node: &'a impl VisitWith,
    ) -> ControlFlow<Infallible>
    where
        Self: Visitor<'a, BreakTy = Infallible>,
    {
        self.found.extend(what);
        node.visit_with(self)
    }
}

macro_rules! newer {
    ($($method:ident($node:ident: $type:ty) = $what:expr;)+) => {
        $(fn $method(&mut self, $node: &'ast $type) -> ControlFlow<Infallible> {
            self.note($what, $node)
        })+
    };
}

impl<'ast> Visitor<'ast> for Newer {
    type BreakTy = Infallible;

    newer! {
        visit_lexical_declaration(node: LexicalDeclaration) = Some("`let` or `const`");
        visit_iterable_loop_initializer(node: IterableLoopInitializer) = match node {
            IterableLoopInitializer::Let(_) | IterableLoopInitializer::Const(_) => Some("`let` or `const`"),
            _ => None,
        };
        visit_arrow_function(node: ArrowFunction) = Some("an arrow function");
        visit_async_arrow_function(node: AsyncArrowFunction) = Some("`async`");
        visit_async_function_expression(node: AsyncFunctionExpression) = Some("`async`");
        visit_async_function_declaration(node: AsyncFunctionDeclaration) = Some("`async`");
        visit_generator_expression(node: GeneratorExpression) = Some("a generator");
        visit_generator_declaration(node: GeneratorDeclaration) = Some("a generator");
        visit_async_generator_expression(node: AsyncGeneratorExpression) = Some("a generator");
        visit_async_generator_declaration(node: AsyncGeneratorDeclaration) = Some("a generator");
        visit_class_expression(node: ClassExpression) = Some("a class");
        visit_class_declaration(node: ClassDeclaration) = Some("a class");
        visit_template_literal(node: TemplateLiteral) = Some("a template string");
        visit_tagged_template(node: TaggedTemplate) = Some("a template string");
        visit_spread(node: Spread) = Some("`...`");
        visit_for_of_loop(node: ForOfLoop) = Some("`for … of`");
        visit_pattern(node: Pattern) = Some("a destructuring pattern");
        visit_optional(node: Optional) = Some("`?.`");
        visit_import_call(node: ImportCall) = Some("`import`");
        visit_formal_parameter(node: FormalParameter) = match node.init() {
            Some(_) => Some("a default value"),
            None => node.is_rest_param().then_some("a rest parameter"),
        };
        visit_property_definition(node: PropertyDefinition) = match node {
            PropertyDefinition::Property(PropertyName::Literal(_), _) => None,
            PropertyDefinition::MethodDefinition(method)
                if matches!(method.kind(), MethodDefinitionKind::Get | MethodDefinitionKind::Set) => None,
            _ => Some("a short, computed or method property"),
        };
        visit_binary(node: Binary) = match node.op() {
            BinaryOp::Arithmetic(ArithmeticOp::Exp) => Some("`**`"),
            BinaryOp::Logical(LogicalOp::Coalesce) => Some("`??`"),
            _ => None,
        };
        visit_assign(node: Assign) = match node.op() {
            AssignOp::Exp | AssignOp::BoolAnd | AssignOp::BoolOr | AssignOp::Coalesce => {
                Some("a newer assignment operator")
            }
            _ => None,
        };
        visit_catch(node: Catch) = node.parameter().is_none().then_some("`catch` without a parameter");
    }

    fn visit_reg_exp_literal(&mut self, node: &'ast RegExpLiteral) -> ControlFlow<Infallible> {
        self.flags.push(node.flags());
        node.visit_with(self)
    }
}
