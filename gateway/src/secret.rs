//! Tokens: an id that is looked up, and a secret that is compared. And texts of the settings that nobody may read.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::ids::{hex, new_id, random_hex};

const PREFIX: &str = "slk";

/// A token as its owner has it: `slk_<id>_<secret>`. It is shown once, when it is made.
pub struct Token {
    /// Its name in the database.
    pub id: String,
    secret: String,
}

/// The salted hash of a secret. A secret has 192 random bits, so a fast hash is as hard to reverse as a slow one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashed {
    /// Random, one for each token.
    pub salt: String,
    /// SHA-256 of the salt and the secret.
    pub hash: String,
}

impl Token {
    /// Makes a token. Its id begins with the time, so that lists of tokens are in the order of their ids.
    #[must_use]
    pub fn generate() -> Self {
        Token { id: new_id(), secret: random_hex::<24>() }
    }

    /// Reads a token; `None` if it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.strip_prefix('_')?.split_once('_')?;
        let plain =
            |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_hexdigit());
        // Older ids have 16 digits.
        ((plain(id, 28) || plain(id, 16)) && plain(secret, 48))
            .then(|| Token { id: id.to_owned(), secret: secret.to_owned() })
    }

    /// Returns what the database keeps of the token.
    #[must_use]
    pub fn hashed(&self) -> Hashed {
        let salt = random_hex::<16>();
        let hash = digest(&salt, &self.secret);
        Hashed { salt, hash }
    }

    /// Compares the token with what was kept, in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, kept: &Hashed) -> bool {
        digest(&kept.salt, &self.secret).as_bytes().ct_eq(kept.hash.as_bytes()).into()
    }

    /// Returns what tells the token from all others, and does not give it away.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::new().chain_update(&self.id).chain_update(&self.secret).finalize().into()
    }

    /// Returns the text that its owner has to keep.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}_{}_{}", self.id, self.secret)
    }
}

/// Names the id alone.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The operator's token, from the settings. Nothing of it is stored.
pub struct AdminToken(Hashed);

impl AdminToken {
    /// Takes the token that requests have to show.
    #[must_use]
    pub fn new(token: &str) -> Self {
        let salt = random_hex::<16>();
        let hash = digest(&salt, token);
        AdminToken(Hashed { salt, hash })
    }

    /// Compares a token with it, in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, token: &str) -> bool {
        digest(&self.0.salt, token).as_bytes().ct_eq(self.0.hash.as_bytes()).into()
    }
}

/// A text of the settings with a secret in it: a token, or a URL that may have a password. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Returns the text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

fn digest(salt: &str, secret: &str) -> String {
    hex(&Sha256::new().chain_update(salt).chain_update(secret).finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_matches_its_hash_alone() {
        let token = Token::generate();
        let kept = token.hashed();
        assert!(Token::parse(&token.reveal()).unwrap().matches(&kept));
        assert!(!Token { secret: random_hex::<24>(), ..token }.matches(&kept));
    }

    #[test]
    fn the_same_secret_has_another_hash_each_time() {
        let token = Token::generate();
        assert_ne!(token.hashed().hash, token.hashed().hash);
    }

    #[test]
    fn a_token_with_an_older_id_is_read() {
        let text = Token { id: random_hex::<8>(), ..Token::generate() }.reveal();
        assert_eq!(Token::parse(&text).unwrap().reveal(), text);
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        let good = Token::generate().reveal();
        let wrong = ["", "slk", "slk__", "slk_1_2", &good[1..], &good[..good.len() - 1]];
        for text in wrong.into_iter().chain([good.replace("slk", "abc").as_str()]) {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let token = Token::generate();
        let shown = format!("{token:?}");
        assert!(shown.contains(&token.id) && !shown.contains(&token.secret), "{shown}");
    }
}
