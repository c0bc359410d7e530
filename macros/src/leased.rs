//! `#[leased]`: an `async fn` becomes a function that returns a database future.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    FnArg, GenericParam, Ident, Lifetime, ParenthesizedGenericArguments, Pat, Receiver,
    ReceiverKind, ReturnType, Stmt, Type, TypeFnPtr, TypeImplTrait, TypeParamBound, TypeReference,
    parse_quote, parse_quote_spanned,
};

use crate::args::Args;
use crate::expand::{self, Lender};
use crate::item::{Function, Place};
use crate::model::{connections, runs_on_lease};

/// Rewrites signature and body; `false` where the function does not run on a lease.
pub(crate) fn expand(function: Function<'_>, args: &Args, refused: bool) -> bool {
    // One that was refused still returns what its callers await.
    let itself = matches!(function.place, Place::Itself | Place::Declaration);
    let meant = runs_on_lease(&function);
    if function.sig.asyncness.is_none() || !(itself || meant) {
        return false;
    }
    let Function { sig, block, place } = function;
    let names: Vec<Ident> = connections(sig).into_iter().cloned().collect();
    let span = sig.asyncness.take().map_or_else(|| sig.ident.span(), |word| word.span());
    let lender = Lender { args, error: quote!(_), site: quote!(), refused };
    let krate = args.krate(span);
    let output: Type = match &sig.output {
        ReturnType::Default => parse_quote_spanned!(span=> ()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    sig.output = if args.boxed {
        let lifetime = Lifetime::new("'leased", span);
        outlive(sig, &lifetime);
        parse_quote_spanned! {span=>
            -> ::core::pin::Pin<#krate::__private::Box<
                dyn #krate::DbFuture<Output = #output> + ::core::marker::Send + #lifetime
            >>
        }
    } else {
        let send = matches!(place, Place::Trait | Place::Declaration)
            .then(|| quote!(+ ::core::marker::Send));
        // What an `impl Trait` captures goes by the edition its tokens come from: ours.
        let opaque = Span::mixed_site().located_at(span);
        let opaque = quote_spanned! {opaque=>
            impl ::core::future::Future<Output = #output> #send
        };
        parse_quote_spanned!(span=> -> #krate::DbCall<#opaque>)
    };
    if let Some(block) = block {
        if meant {
            expand::leased(block, names, &lender);
        }
        let moved = sig.inputs.iter_mut().enumerate().map(take_in);
        let stmts = &block.stmts;
        let call = quote_spanned! {span=>
            #krate::__private::call(async move { #(#moved)* #(#stmts)* })
        };
        let call = if args.boxed {
            quote_spanned!(span=> #krate::__private::Box::pin(#call))
        } else {
            call
        };
        block.stmts = vec![Stmt::Expr(syn::Expr::Verbatim(call), None)];
    }
    true
}

/// Moves a parameter into the future as `async fn` does: all of it, whatever its pattern takes of it.
fn take_in((nth, input): (usize, &mut FnArg)) -> TokenStream {
    let input = match input {
        FnArg::Receiver(_) => return quote!(let _ = &self;),
        FnArg::Typed(input) => input,
    };
    let switched = input.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    let switched = quote!(#(#switched)*);
    if let Pat::Ident(pat) = &mut *input.pat
        && pat.by_ref.is_none()
        && pat.subpat.is_none()
    {
        let (mutability, name) = (pat.mutability.take(), &pat.ident);
        return quote!(#switched let #mutability #name = #name;);
    }
    let name = Ident::new(&format!("__parameter_{nth}"), Span::mixed_site());
    let pattern = std::mem::replace(&mut *input.pat, parse_quote!(#name));
    quote!(#switched let #name = #name; #switched let #pattern = #name;)
}

/// Gives a boxed future a lifetime that everything it borrows outlives.
fn outlive(sig: &mut syn::Signature, lifetime: &Lifetime) {
    let mut elided = Elided { lifetime };
    for input in &mut sig.inputs {
        match input {
            FnArg::Typed(input) => elided.visit_type_mut(&mut input.ty),
            FnArg::Receiver(receiver) => elided.visit_receiver_mut(receiver),
        }
    }
    let mut bounds = Vec::new();
    for param in &sig.generics.params {
        match param {
            GenericParam::Lifetime(param) => {
                let param = &param.lifetime;
                bounds.push(quote!(#param: #lifetime));
            }
            GenericParam::Type(param) => {
                let param = &param.ident;
                bounds.push(quote!(#param: #lifetime));
            }
            GenericParam::Const(_) => {}
        }
    }
    sig.generics.params.insert(0, parse_quote!(#lifetime));
    let clause = sig.generics.make_where_clause();
    for bound in bounds {
        clause.predicates.push(parse_quote!(#bound));
    }
}

struct Elided<'a> {
    lifetime: &'a Lifetime,
}

impl VisitMut for Elided<'_> {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime.get_or_insert_with(|| self.lifetime.clone());
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_type_impl_trait_mut(&mut self, opaque: &mut TypeImplTrait) {
        visit_mut::visit_type_impl_trait_mut(self, opaque);
        opaque.bounds.push(TypeParamBound::Lifetime(self.lifetime.clone()));
    }

    // What these elide is theirs to choose.
    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {
    }

    fn visit_receiver_mut(&mut self, receiver: &mut Receiver) {
        if let ReceiverKind::Reference(_, lifetime, _) = &mut receiver.kind {
            lifetime.get_or_insert_with(|| self.lifetime.clone());
        }
        visit_mut::visit_receiver_mut(self, receiver);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.lifetime.clone();
        }
    }
}
