//! Reads statements, expressions and patterns.

mod macro_calls;
mod patterns;

use syn::Member;
use syn::spanned::Spanned;
use thin_vec::{ThinVec, thin_vec};
use ustr::{Ustr, ustr};

use super::locate::Locator;
use super::macro_rules::MacroTable;
use super::test_code::is_test;
use super::types::{angle, name, path, ty};
use super::{Arm, Block, Expr, Kind, MacroCall, MacroContent, Span, Stmt, TyPath};

/// Reads bodies of one file.
pub(super) struct Reader<'a> {
    pub locator: Locator<'a>,
    pub macros: Option<&'a MacroTable>,
    /// Functions declared inside of bodies, for the file's list.
    pub nested: Vec<syn::Item>,
    pub macro_calls: Vec<Ustr>,
    pub depth: usize,
    /// The number of calls of macros that were expanded.
    pub expansions: usize,
}

impl Reader<'_> {
    pub(super) fn at(&self, span: proc_macro2::Span) -> Span {
        self.locator.span(span)
    }

    pub(super) fn block(&mut self, block: &syn::Block) -> Block {
        let span = self.at(block.brace_token.span.join());
        Block { stmts: self.stmts(&block.stmts), span }
    }

    fn stmts(&mut self, stmts: &[syn::Stmt]) -> ThinVec<Stmt> {
        let mut read = ThinVec::with_capacity(stmts.len());
        for stmt in stmts {
            match stmt {
                // What only tests run belongs to the tests.
                syn::Stmt::Local(local) if is_test(&local.attrs) => {}
                syn::Stmt::Expr(syn::Expr::Block(block), _) if is_test(&block.attrs) => {}
                syn::Stmt::Local(local) => read.push(self.local(local)),
                syn::Stmt::Expr(expr, semi) => {
                    read.push(Stmt::Expr { expr: self.expr(expr), semi: semi.is_some() });
                }
                syn::Stmt::Macro(call) => {
                    let expr = self.macro_call(&call.mac);
                    // What a macro by example declares is visible behind it.
                    let expr = match expr {
                        Expr { kind: Kind::Macro(call), span } => match *call {
                            MacroCall { content: MacroContent::Expanded(block), .. } => {
                                read.extend(block.stmts);
                                continue;
                            }
                            call => Expr { kind: Kind::Macro(Box::new(call)), span },
                        },
                        expr => expr,
                    };
                    read.push(Stmt::Expr { expr, semi: call.semi_token.is_some() });
                }
                syn::Stmt::Item(item) => self.nested.push(item.clone()),
            }
        }
        read
    }

    fn local(&mut self, local: &syn::Local) -> Stmt {
        let (pat, declared) = match &local.pat {
            syn::Pat::Type(typed) => (self.pat(&typed.pat), Some(Box::new(ty(&typed.ty)))),
            pat => (self.pat(pat), None),
        };
        let init = local.init.as_ref().map(|init| self.expr(&init.expr));
        let diverge = local
            .init
            .as_ref()
            .and_then(|init| init.diverge.as_ref())
            .map(|(_, otherwise)| self.boxed(otherwise));
        let span = self.at(local.let_token.span).to(self.at(local.semi_token.span));
        Stmt::Let { pat, ty: declared, init, diverge, span }
    }

    fn boxed(&mut self, expr: &syn::Expr) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    /// Reads what a `for` goes through. `#[for_await] for row in rows` awaits each row.
    fn iterated(&mut self, node: &syn::ExprForLoop) -> Box<Expr> {
        let iter = self.boxed(&node.expr);
        if !node.attrs.iter().any(|attr| attr.path().is_ident("for_await")) {
            return iter;
        }
        let (span, token) = (iter.span, self.at(node.for_token.span));
        Box::new(Expr { kind: Kind::Await { base: iter, token }, span })
    }

    fn list<'e>(&mut self, exprs: impl IntoIterator<Item = &'e syn::Expr>) -> ThinVec<Expr> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    pub(super) fn expr(&mut self, expr: &syn::Expr) -> Expr {
        use syn::Expr as E;
        match expr {
            E::Path(node) => {
                let first = node.path.segments.first().map(|segment| segment.ident.span());
                let last = node.path.segments.last().map(|segment| segment.ident.span());
                let span = match (first, last) {
                    (Some(first), Some(last)) => self.at(first).to(self.at(last)),
                    _ => Span::default(),
                };
                Expr { kind: Kind::Path(path(&node.path, node.qself.as_ref())), span }
            }
            E::Field(node) => {
                let base = self.boxed(&node.base);
                let span = base.span.to(self.at(node.member.span()));
                Expr { kind: Kind::Field { base, name: member(&node.member) }, span }
            }
            E::Index(node) => {
                let base = self.boxed(&node.expr);
                let index = self.boxed(&node.index);
                let span = base.span.to(self.at(node.bracket_token.span.close()));
                Expr { kind: Kind::Index { base, index }, span }
            }
            E::Call(node) => {
                let func = self.boxed(&node.func);
                let args = self.list(&node.args);
                let span = func.span.to(self.at(node.paren_token.span.close()));
                Expr { kind: Kind::Call { func, args }, span }
            }
            E::MethodCall(node) => {
                let receiver = self.boxed(&node.receiver);
                let args = self.list(&node.args);
                let mut turbofish = TyPath::default();
                if let Some(generics) = &node.turbofish {
                    angle(&generics.args, &mut turbofish);
                }
                let span = receiver.span.to(self.at(node.paren_token.span.close()));
                let kind = Kind::Method {
                    receiver,
                    name: name(&node.method),
                    name_span: self.at(node.method.span()),
                    turbofish: turbofish.args,
                    args,
                };
                Expr { kind, span }
            }
            E::Await(node) => {
                let base = self.boxed(&node.base);
                let token = self.at(node.await_token.span);
                let span = base.span.to(token);
                Expr { kind: Kind::Await { base, token }, span }
            }
            E::Try(node) => {
                let inner = self.boxed(&node.expr);
                let span = inner.span.to(self.at(node.question_token.span));
                Expr { kind: Kind::Try(inner), span }
            }
            E::Reference(node) => {
                let inner = self.boxed(&node.expr);
                let span = self.at(node.and_token.span).to(inner.span);
                Expr { kind: Kind::Ref { expr: inner }, span }
            }
            E::RawAddr(node) => {
                let inner = self.boxed(&node.expr);
                let span = inner.span;
                Expr { kind: Kind::Ref { expr: inner }, span }
            }
            E::Unary(node) => {
                let inner = self.boxed(&node.expr);
                let span = self.at(node.op.span()).to(inner.span);
                let kind = match &node.op {
                    syn::UnOp::Deref(_) => Kind::Deref(inner),
                    _ => Kind::Other(thin_vec![*inner]),
                };
                Expr { kind, span }
            }
            E::Binary(node) => {
                let left = self.boxed(&node.left);
                let right = self.boxed(&node.right);
                let lazy = matches!(node.op, syn::BinOp::And(_) | syn::BinOp::Or(_));
                let span = left.span.to(right.span);
                Expr { kind: Kind::Binary { left, right, lazy }, span }
            }
            E::Assign(node) => {
                let left = self.boxed(&node.left);
                let right = self.boxed(&node.right);
                let span = left.span.to(right.span);
                Expr { kind: Kind::Assign { left, right }, span }
            }
            E::Paren(node) => {
                let inner = self.expr(&node.expr);
                Expr { kind: inner.kind, span: self.at(node.paren_token.span.join()) }
            }
            E::Group(node) => self.expr(&node.expr),
            E::Block(node) => {
                let label = label(node.label.as_ref());
                let block = self.block(&node.block);
                let span = block.span;
                Expr { kind: Kind::Block { block, label }, span }
            }
            E::Unsafe(node) => {
                let block = self.block(&node.block);
                let span = block.span;
                Expr { kind: Kind::Block { block, label: None }, span }
            }
            E::Async(node) => {
                let block = self.block(&node.block);
                let span = self.at(node.async_token.span).to(block.span);
                Expr { kind: Kind::Async { block, moves: node.capture.is_some() }, span }
            }
            E::Closure(node) => {
                let params = node
                    .inputs
                    .iter()
                    .map(|input| match input {
                        syn::Pat::Type(typed) => (self.pat(&typed.pat), Some(ty(&typed.ty))),
                        pat => (self.pat(pat), None),
                    })
                    .collect();
                let body = self.boxed(&node.body);
                let start = node
                    .asyncness
                    .map(|token| token.span)
                    .or(node.capture.map(|token| token.span))
                    .unwrap_or(node.inputs_begin.span);
                let span = self.at(start).to(body.span);
                let kind = Kind::Closure {
                    params,
                    body,
                    moves: node.capture.is_some(),
                    is_async: node.asyncness.is_some(),
                };
                Expr { kind, span }
            }
            E::If(node) => {
                let cond = self.boxed(&node.cond);
                let then = self.block(&node.then_branch);
                let otherwise = node.else_branch.as_ref().map(|(_, expr)| self.boxed(expr));
                let end = otherwise.as_ref().map_or(then.span, |expr| expr.span);
                let span = self.at(node.if_token.span).to(end);
                Expr { kind: Kind::If { cond, then, otherwise }, span }
            }
            E::Let(node) => {
                let pat = self.pat(&node.pat);
                let inner = self.boxed(&node.expr);
                let span = self.at(node.let_token.span).to(inner.span);
                Expr { kind: Kind::Let { pat, expr: inner }, span }
            }
            E::Match(node) => {
                let scrutinee = self.boxed(&node.expr);
                let arms = node.arms.iter().map(|arm| self.arm(arm)).collect();
                let span =
                    self.at(node.match_token.span).to(self.at(node.brace_token.span.close()));
                Expr { kind: Kind::Match { scrutinee, arms }, span }
            }
            E::While(node) => {
                let label = label(node.label.as_ref());
                let cond = self.boxed(&node.cond);
                let body = self.block(&node.body);
                let span = self.at(node.while_token.span).to(body.span);
                Expr { kind: Kind::While { cond, body, label }, span }
            }
            E::Loop(node) => {
                let label = label(node.label.as_ref());
                let body = self.block(&node.body);
                let span = self.at(node.loop_token.span).to(body.span);
                Expr { kind: Kind::Loop { body, label }, span }
            }
            E::ForLoop(node) => {
                let label = label(node.label.as_ref());
                let pat = Box::new(self.pat(&node.pat));
                let iter = self.iterated(node);
                let body = self.block(&node.body);
                let span = self.at(node.for_token.span).to(body.span);
                Expr { kind: Kind::For { pat, iter, body, label }, span }
            }
            E::Return(node) => {
                let value = node.expr.as_ref().map(|expr| self.boxed(expr));
                let start = self.at(node.return_token.span);
                let span = value.as_ref().map_or(start, |value| start.to(value.span));
                Expr { kind: Kind::Return(value), span }
            }
            E::Break(node) => {
                let label = node.label.as_ref().map(|label| name(&label.ident));
                let value = node.expr.as_ref().map(|expr| self.boxed(expr));
                let span = self.at(node.break_token.span);
                Expr { kind: Kind::Break { label, value }, span }
            }
            E::Continue(node) => {
                let label = node.label.as_ref().map(|label| name(&label.ident));
                let span = self.at(node.continue_token.span);
                Expr { kind: Kind::Continue { label }, span }
            }
            E::Struct(node) => {
                let fields = node
                    .fields
                    .iter()
                    .map(|field| (member(&field.member), self.expr(&field.expr)))
                    .collect();
                let rest = node.rest.as_ref().map(|rest| self.boxed(rest));
                let end = self.at(node.brace_token.span.close());
                let start =
                    node.path.segments.first().map_or(end, |segment| self.at(segment.ident.span()));
                let kind = Kind::Struct {
                    path: Box::new(path(&node.path, node.qself.as_ref())),
                    fields,
                    rest,
                };
                Expr { kind, span: start.to(end) }
            }
            E::Tuple(node) => Expr {
                kind: Kind::Tuple(self.list(&node.elems)),
                span: self.at(node.paren_token.span.join()),
            },
            E::Array(node) => Expr {
                kind: Kind::Array(self.list(&node.elems)),
                span: self.at(node.bracket_token.span.join()),
            },
            E::Repeat(node) => Expr {
                kind: Kind::Array(thin_vec![self.expr(&node.expr)]),
                span: self.at(node.bracket_token.span.join()),
            },
            E::Cast(node) => {
                let inner = self.boxed(&node.expr);
                let span = inner.span;
                Expr { kind: Kind::Cast { expr: inner, ty: Box::new(ty(&node.ty)) }, span }
            }
            E::Lit(node) => {
                let text = match &node.lit {
                    syn::Lit::Str(text) => Some(ustr(&text.value())),
                    _ => None,
                };
                Expr { kind: Kind::Lit(text), span: self.at(node.lit.span()) }
            }
            E::Macro(node) => self.macro_call(&node.mac),
            E::Yield(node) => {
                let value = node.expr.as_ref().map(|expr| self.boxed(expr));
                Expr { kind: Kind::Yield(value), span: self.at(node.yield_token.span) }
            }
            E::Range(node) => {
                let parts = node.start.iter().chain(&node.end).map(|expr| self.expr(expr));
                let parts: ThinVec<Expr> = parts.collect();
                let span = parts.first().map_or(Span::default(), |part| part.span);
                Expr { kind: Kind::Other(parts), span }
            }
            E::TryBlock(node) => {
                let block = self.block(&node.block);
                let span = block.span;
                Expr { kind: Kind::Block { block, label: None }, span }
            }
            _ => Expr { kind: Kind::Other(ThinVec::new()), span: Span::default() },
        }
    }

    fn arm(&mut self, arm: &syn::Arm) -> Arm {
        let (pat, guard) = match &arm.pat {
            syn::Pat::Guard(guarded) => (self.pat(&guarded.pat), Some(self.expr(&guarded.guard))),
            pat => (self.pat(pat), None),
        };
        Arm { pat, guard, body: self.expr(&arm.body) }
    }
}

/// Returns the name of a field, or its number.
fn member(member: &Member) -> Ustr {
    match member {
        Member::Named(ident) => name(ident),
        Member::Unnamed(index) => ustr(&index.index.to_string()),
    }
}

fn label(label: Option<&syn::Label>) -> Option<Ustr> {
    label.map(|label| name(&label.name.ident))
}
