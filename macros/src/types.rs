//! Types as they are written: out of their parentheses, what boxed futures give, `impl Trait`.

use syn::visit::Visit;
use syn::{GenericArgument, PathArguments, Type, TypeImplTrait};

/// Returns a type out of its parentheses, and out of the group that it came in as a macro's argument.
pub(crate) fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Paren(paren) => peeled(&paren.elem),
        Type::Group(group) => peeled(&group.elem),
        ty => ty,
    }
}

/// Returns `T` of `Pin<Box<dyn Future<Output = T> + ..>>`, which other attributes make of `async fn`.
pub(crate) fn boxed_output(ty: &Type) -> Option<&Type> {
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

pub(crate) fn is_opaque(ty: &Type) -> bool {
    matches!(peeled(ty), Type::ImplTrait(_))
}

/// Tells whether there is an `impl Trait` in a type, which cannot be named in code.
pub(crate) fn has_opaque(ty: &Type) -> bool {
    struct Found(bool);
    impl<'ast> Visit<'ast> for Found {
        fn visit_type_impl_trait(&mut self, _: &'ast TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut found = Found(false);
    found.visit_type(ty);
    found.0
}
