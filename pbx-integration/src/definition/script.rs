//! Checks of the backend script.

use std::fmt;

use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::{
    BindingPatternKind, Expression, FormalParameters, Function, Statement, VariableDeclarationKind,
};
use oxc_ast_visit::Visit;
use oxc_parser::Parser;
use oxc_span::{GetSpan as _, SourceType, Span};

use crate::integration::EntryPoint;

/// A problem in a backend script. The engine of the PBX runs ECMAScript 5.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptFinding {
    /// The kind of problem.
    pub kind: ScriptFindingKind,
    /// Line, from 1; 0 for the script as a whole.
    pub line: usize,
    /// Column in characters, from 1; 0 for the script as a whole.
    pub column: usize,
    message: String,
}

/// A kind of problem in a backend script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScriptFindingKind {
    /// The script cannot be parsed.
    SyntaxError,
    /// Syntax that ECMAScript 5 does not have.
    NewerSyntax,
    /// The script defines no entry point.
    NoEntryPoint,
    /// A function whose name is nearly that of an entry point.
    MisspelledEntryPoint,
}

impl fmt::Display for ScriptFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        f.write_str(&self.message)
    }
}

/// Checks a backend script: its syntax, and its entry points. At most 100 findings are kept.
///
/// It is meant for scripts of your own: the parser recurses as deeply as they are nested.
///
/// ```
/// use pbx_integration::definition::check_script;
///
/// let findings = check_script("function ongroop(data) {\n  let id = data.callid;\n}");
/// let findings: Vec<_> = findings.iter().map(ToString::to_string).collect();
/// assert_eq!(findings, [
///     "line 2, column 3: expected ECMAScript 5, found `let`",
///     "line 1, column 10: expected `ongroup`, found `ongroop`",
///     "expected a function ongroup, onagent, oncdr or onhttp, found none",
/// ]);
/// ```
// P205
#[must_use]
pub fn check_script(script: &str) -> Vec<ScriptFinding> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, script, SourceType::cjs().with_script(true)).parse();
    let mut check = Check { script, findings: Vec::new() };
    for error in &parsed.errors {
        let offset =
            error.labels.as_ref().and_then(|labels| labels.first()).map(|label| label.offset());
        // The parser's text quotes the script; scripts may hold secrets.
        check.add(
            ScriptFindingKind::SyntaxError,
            offset,
            "expected ECMAScript, found a syntax error",
        );
    }
    if !parsed.errors.is_empty() {
        return check.findings;
    }
    check.visit_program(&parsed.program);
    let names = parsed.program.body.iter().flat_map(defined);
    let names: Vec<(&str, Span)> = names.collect();
    let is_entry = |name: &str| EntryPoint::ALL.iter().any(|point| point.as_str() == name);
    for (name, span) in &names {
        let near = EntryPoint::ALL.iter().find(|point| is_one_edit_away(name, point.as_str()));
        if let Some(point) = near.filter(|_| !is_entry(name)) {
            let message = format!("expected `{point}`, found `{name}`");
            check.add(ScriptFindingKind::MisspelledEntryPoint, Some(span.start as usize), &message);
        }
    }
    if !names.iter().any(|(name, _)| is_entry(name)) {
        let message = "expected a function ongroup, onagent, oncdr or onhttp, found none";
        check.add(ScriptFindingKind::NoEntryPoint, None, message);
    }
    check.findings
}

/// The names that a statement at the top defines, with their places.
fn defined<'a>(statement: &'a Statement<'_>) -> Vec<(&'a str, Span)> {
    match statement {
        Statement::FunctionDeclaration(function) => {
            function.id.iter().map(|id| (id.name.as_str(), id.span)).collect()
        }
        Statement::VariableDeclaration(variables) => variables
            .declarations
            .iter()
            .filter_map(|variable| match &variable.id.kind {
                BindingPatternKind::BindingIdentifier(id) => Some((id.name.as_str(), id.span)),
                _ => None,
            })
            .collect(),
        Statement::ExpressionStatement(statement) => match &statement.expression {
            Expression::AssignmentExpression(assignment) => {
                let name = assignment.left.get_identifier_name();
                name.map(|name| (name, assignment.left.span())).into_iter().collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Whether one letter inserted, left out, replaced or swapped with the next makes a name of another.
fn is_one_edit_away(name: &str, other: &str) -> bool {
    let (name, other) = (name.to_ascii_lowercase(), other.to_ascii_lowercase());
    let same = |bytes: (&str, &str)| {
        bytes.0.bytes().zip(bytes.1.bytes()).take_while(|(a, b)| a == b).count()
    };
    let start = same((&name, &other));
    let (name, other) = (name.as_bytes().get(start..), other.as_bytes().get(start..));
    let (Some(name), Some(other)) = (name, other) else { return false };
    match (name, other) {
        ([], []) => true,
        ([a, b, rest @ ..], [c, d, end @ ..]) if (a, b) == (d, c) && rest == end => true,
        _ => {
            name.get(1..) == other.get(1..) && !name.is_empty() && !other.is_empty()
                || name.get(1..) == Some(other)
                || other.get(1..) == Some(name)
        }
    }
}

const MAX_FINDINGS: usize = 100;

struct Check<'s> {
    script: &'s str,
    findings: Vec<ScriptFinding>,
}

impl Check<'_> {
    fn add(&mut self, kind: ScriptFindingKind, offset: Option<usize>, message: &str) {
        // Each looks for its line from the start.
        if self.findings.len() >= MAX_FINDINGS {
            return;
        }
        let before = offset.map(|offset| self.script.get(..offset).unwrap_or_default());
        let line = before.map_or(0, |before| before.matches('\n').count() + 1);
        let column = before
            .map_or(0, |before| before.rsplit('\n').next().unwrap_or_default().chars().count() + 1);
        self.findings.push(ScriptFinding { kind, line, column, message: message.to_owned() });
    }
}

impl<'a> Visit<'a> for Check<'_> {
    fn enter_node(&mut self, kind: AstKind<'a>) {
        if let Some(what) = newer(&kind) {
            let message = format!("expected ECMAScript 5, found {what}");
            self.add(ScriptFindingKind::NewerSyntax, Some(kind.span().start as usize), &message);
        }
    }
}

/// Syntax that ECMAScript 5 does not have.
fn newer(kind: &AstKind<'_>) -> Option<&'static str> {
    Some(match kind {
        AstKind::VariableDeclaration(variables) => match variables.kind {
            VariableDeclarationKind::Var => return None,
            VariableDeclarationKind::Let => "`let`",
            _ => "`const`",
        },
        AstKind::ArrowFunctionExpression(_) => "an arrow function",
        AstKind::Class(_) => "a class",
        AstKind::TemplateLiteral(_) => "a template string",
        AstKind::TaggedTemplateExpression(_) => "a tagged template",
        AstKind::SpreadElement(_) => "`...`",
        AstKind::ForOfStatement(_) => "`for … of`",
        AstKind::ObjectPattern(_) | AstKind::ArrayPattern(_) => "a destructuring pattern",
        AstKind::ObjectAssignmentTarget(_) | AstKind::ArrayAssignmentTarget(_) => {
            "a destructuring assignment"
        }
        AstKind::AssignmentPattern(_) => "a default value",
        AstKind::YieldExpression(_) => "`yield`",
        AstKind::AwaitExpression(_) => "`await`",
        AstKind::ChainExpression(_) => "`?.`",
        AstKind::BigIntLiteral(_) => "a big integer",
        AstKind::ImportExpression(_) => "`import`",
        AstKind::MetaProperty(_) => "a meta property",
        AstKind::ObjectProperty(property)
            if property.shorthand || property.computed || property.method =>
        {
            "a short, computed or method property"
        }
        AstKind::Function(function) => return newer_function(function),
        AstKind::FormalParameters(parameters) => return newer_parameters(parameters),
        AstKind::BinaryExpression(binary) if binary.operator.as_str() == "**" => "`**`",
        AstKind::LogicalExpression(logical) if logical.operator.as_str() == "??" => "`??`",
        AstKind::AssignmentExpression(assignment)
            if matches!(assignment.operator.as_str(), "**=" | "??=" | "||=" | "&&=") =>
        {
            "a newer assignment operator"
        }
        AstKind::CatchClause(clause) if clause.param.is_none() => "`catch` without a parameter",
        AstKind::RegExpLiteral(literal) => {
            let flags = literal.regex.flags.to_string();
            if flags.chars().all(|flag| "gim".contains(flag)) {
                return None;
            }
            "a newer flag of a regular expression"
        }
        _ => return None,
    })
}

fn newer_function(function: &Function<'_>) -> Option<&'static str> {
    match (function.r#async, function.generator) {
        (true, _) => Some("`async`"),
        (_, true) => Some("a generator"),
        _ => None,
    }
}

fn newer_parameters(parameters: &FormalParameters<'_>) -> Option<&'static str> {
    parameters.rest.as_ref().map(|_| "a rest parameter")
}
