//! Tests, by their attributes.

/// Returns true for `#[test]`, `#[tokio::test]`, `#[rstest]` and `#[cfg(test)]`.
pub(super) fn is_test(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let last = attr.path().segments.last().map(|segment| segment.ident.to_string());
        match last.as_deref() {
            Some("test" | "rstest" | "test_case" | "tokio_test" | "bench") => true,
            Some("cfg") => match &attr.meta {
                syn::Meta::List(list) => {
                    let text = list.tokens.to_string().replace(' ', "").replace("not(test)", "");
                    text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "test")
                        && !text.starts_with("not")
                }
                _ => false,
            },
            _ => false,
        }
    })
}
