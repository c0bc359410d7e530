//! Mistakes that an error takes the place of, so that rustc knows no type for what stood there and has nothing
//! to add: leases that are not awaited (SL002), what is written to a macro's value (SL003), and calls that take
//! a raw connection (SL006). Those among a macro's arguments stay.

use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Block, Expr, ExprMethodCall, Item, Macro};

use crate::args::Args;
use crate::errors::Errors;
use crate::expand::attributed;
use crate::model::{Lending, body_mut, opened};
use crate::{doors, hidden};

/// `leased`: the block runs on a lease, where only a savepoint may be opened.
pub(crate) fn refuse(block: &mut Block, args: &Args, leased: bool, errors: &mut Errors) {
    Refuse { args, errors, leased, closure: false }.visit_block_mut(block);
}

struct Refuse<'a> {
    args: &'a Args,
    errors: &'a mut Errors,
    leased: bool,
    /// In an async closure within a lease, whose macros are left alone.
    closure: bool,
}

impl VisitMut for Refuse<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Await(node) => match opened(&mut node.base) {
                Some((_, call)) => self.within(call),
                None => self.visit_expr_mut(&mut node.base),
            },
            Expr::MethodCall(call) => match Lending::of(call) {
                Some(lending) if self.leased && lending != Lending::Savepoint => self.within(call),
                Some(_) => self.sl002(expr),
                None if doors::is_call(call) && !self.args.allows("SL006") => self.sl006(expr),
                None => visit_mut::visit_expr_method_call_mut(self, call),
            },
            Expr::Reference(node) if node.mutability.is_some() => {
                self.written(&mut node.expr);
                self.visit_expr_mut(&mut node.expr);
            }
            Expr::Assign(node) => {
                self.written(&mut node.left);
                visit_mut::visit_expr_assign_mut(self, node);
            }
            Expr::Binary(node) => {
                if assigns(&node.op) {
                    self.written(&mut node.left);
                }
                visit_mut::visit_expr_binary_mut(self, node);
            }
            Expr::Closure(node) => {
                let closure = self.closure;
                self.closure |= self.leased && node.asyncness.is_some();
                visit_mut::visit_expr_closure_mut(self, node);
                self.closure = closure;
            }
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}
}

impl Refuse<'_> {
    fn within(&mut self, call: &mut ExprMethodCall) {
        self.visit_expr_mut(&mut call.receiver);
        let leased = std::mem::replace(&mut self.leased, true);
        if let Some(body) = call.args.first_mut().and_then(body_mut) {
            self.visit_expr_mut(&mut body.body);
        }
        self.leased = leased;
    }

    /// A macro that gives a value here may have named a place, and what is written to it would be lost.
    fn written(&mut self, place: &mut Expr) {
        match place {
            Expr::Field(node) => self.written(&mut node.base),
            Expr::Index(node) => self.written(&mut node.expr),
            Expr::Paren(node) => self.written(&mut node.expr),
            Expr::Group(node) => self.written(&mut node.expr),
            Expr::Tuple(node) => node.elems.iter_mut().for_each(|place| self.written(place)),
            Expr::Macro(node)
                if self.leased
                    && !self.closure
                    && hidden::is_unknown(&node.mac)
                    && !self.args.trusts(&node.mac) =>
            {
                let (span, mac) = (node.mac.path.span(), &node.mac);
                let error = self.errors.place(span, sl003(mac), self.args);
                // With the macro, which would be unused.
                let both = Expr::Verbatim(quote_spanned!(span=> (#error, #mac).0));
                *place = attributed(&node.attrs, both);
            }
            _ => {}
        }
    }

    fn sl002(&mut self, expr: &mut Expr) {
        let Expr::MethodCall(call) = expr else { return };
        let refusal = "SL002: this lease is not awaited where it is opened, because a lease future that is stored, joined or returned may hold its connection while something else runs -- put `.await` right after it";
        let error = self.errors.place(call.method.span(), refusal.to_owned(), self.args);
        *expr = attributed(&call.attrs, Expr::Verbatim(error));
    }

    fn sl006(&mut self, expr: &mut Expr) {
        let Expr::MethodCall(call) = expr else { return };
        let refusal = doors::refusal(&call.method);
        let error = self.errors.place(call.method.span(), refusal, self.args);
        *expr = attributed(&call.attrs, Expr::Verbatim(error));
    }
}

fn sl003(mac: &Macro) -> String {
    let name = hidden::name(mac);
    format!(
        "SL003: what `{name}!` gives cannot be written to in a lease, because macros are evaluated there as values, and a place that one names would be left as it was -- write the place out, or trust the macro: `trust({name})`"
    )
}

fn assigns(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}
