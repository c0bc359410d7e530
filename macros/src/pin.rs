//! The error type of a handler's bodies: the handler's own, so that `?` in them knows its target.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Expr, ExprAsync, ExprClosure, GenericArgument, Item, PathArguments, ReturnType, Stmt, Type,
    parse_quote, token,
};

use crate::args::Args;
use crate::expand;
use crate::model::peeled;

/// The error type as the argument of a turbofish.
pub(crate) fn error_type(args: &Args, output: &ReturnType) -> TokenStream {
    if let Some(error) = &args.error {
        return quote!(#error);
    }
    let krate = args.krate(Span::call_site());
    let unknown = quote!(#krate::Error);
    let ReturnType::Type(_, ty) = output else { return unknown };
    let mut ty = peeled(boxed_output(ty).unwrap_or(ty)).clone();
    let Type::Path(path) = &ty else { return unknown };
    let Some(last) = path.path.segments.last() else { return unknown };
    let arguments = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.len(),
        _ => 0,
    };
    let name = last.ident.to_string();
    if name == "Result"
        && arguments == 2
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(error)) = arguments.args.last()
    {
        return if is_opaque(error) { quote!(_) } else { quote!(#error) };
    }
    if name == "Result" || (name.ends_with("Result") && arguments > 0) {
        // An alias: the type knows its error. `impl Trait` cannot be named here, and does not
        // matter.
        Opaque.visit_type_mut(&mut ty);
        return quote_spanned!(ty.span()=> <#ty as #krate::__private::Fallible>::Error);
    }
    unknown
}

/// `T` in `Pin<Box<dyn Future<Output = T> + ..>>`, which other attributes make of `async fn`.
fn boxed_output(ty: &Type) -> Option<&Type> {
    match peeled(ty) {
        Type::Path(path) => {
            let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments
            else {
                return None;
            };
            let name = &path.path.segments.last()?.ident;
            if name != "Pin" && name != "Box" && !name.to_string().ends_with("BoxFuture") {
                return None;
            }
            arguments.args.iter().rev().find_map(|argument| match argument {
                GenericArgument::Type(ty) if name == "Pin" || name == "Box" => boxed_output(ty),
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        Type::TraitObject(object) => object.bounds.iter().find_map(output_of),
        Type::ImplTrait(object) => object.bounds.iter().find_map(output_of),
        _ => None,
    }
}

fn output_of(bound: &syn::TypeParamBound) -> Option<&Type> {
    let syn::TypeParamBound::Trait(bound) = bound else { return None };
    let last = bound.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(&assoc.ty),
        _ => None,
    })
}

fn is_opaque(ty: &Type) -> bool {
    matches!(peeled(ty), Type::ImplTrait(_))
}

struct Opaque;

impl VisitMut for Opaque {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if is_opaque(ty) {
            *ty = parse_quote!(());
        }
        visit_mut::visit_type_mut(self, ty);
    }
}

/// Lets a body end in another error than the handler's, as `?` does: `load(conn).await` at its end,
/// or after a `return`, is converted.
// Not `Ok(load(conn).await?)`: that costs rustc a good deal more.
pub(crate) fn convert(body: &mut Expr, args: &Args) {
    Ends { args }.tail(body);
    Ends { args }.visit_expr_mut(body);
}

struct Ends<'a> {
    args: &'a Args,
}

impl Ends<'_> {
    fn tail(&self, expr: &mut Expr) {
        match expr {
            Expr::Await(node) => {
                let span = node.await_token.span();
                // What is said of the whole is then said at its `await`.
                if let Expr::Call(checked) = &mut *node.base {
                    checked.paren_token = token::Paren(span);
                }
                let krate = self.args.krate(span);
                let ended = quote_spanned!(span=> #krate::__private::ended);
                *expr = expand::call(ended, [expand::take(expr)], span);
            }
            Expr::Block(block) => self.tail_of(&mut block.block.stmts),
            Expr::Unsafe(block) => self.tail_of(&mut block.block.stmts),
            Expr::If(branch) => {
                self.tail_of(&mut branch.then_branch.stmts);
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.tail(otherwise);
                }
            }
            Expr::Match(choice) => choice.arms.iter_mut().for_each(|arm| self.tail(&mut arm.body)),
            Expr::Paren(paren) => self.tail(&mut paren.expr),
            Expr::Group(group) => self.tail(&mut group.expr),
            _ => {}
        }
    }

    fn tail_of(&self, stmts: &mut [Stmt]) {
        if let Some(Stmt::Expr(expr, None)) = stmts.last_mut() {
            self.tail(expr);
        }
    }
}

impl VisitMut for Ends<'_> {
    fn visit_expr_return_mut(&mut self, node: &mut syn::ExprReturn) {
        if let Some(expr) = &mut node.expr {
            self.tail(expr);
        }
        visit_mut::visit_expr_return_mut(self, node);
    }

    // These return for themselves.
    fn visit_expr_closure_mut(&mut self, _: &mut ExprClosure) {}
    fn visit_expr_async_mut(&mut self, _: &mut ExprAsync) {}
    fn visit_item_mut(&mut self, _: &mut Item) {}
}
