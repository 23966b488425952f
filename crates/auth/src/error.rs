//! Why a token is refused.

/// A fault of a token. Carries no text of the token, so that it can be logged and shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenError {
    /// Not a token of the right form, or with the wrong algorithm.
    #[error("not a token of this server")]
    Malformed,
    /// The signature is not ours.
    #[error("the token's signature is not good")]
    Signature,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Issued in the future, or for longer than allowed.
    #[error("the token's times are not acceptable")]
    Times,
    /// Issued by or for someone else.
    #[error("the token is not meant for this server")]
    Audience,
    /// A claim is missing, unknown or contradicts another.
    #[error("the token's claims are not acceptable")]
    Claims,
    /// Signed with a key of its issuer that is not known, or no longer; asking the issuer may help.
    #[error("the key of the token's issuer is not known")]
    UnknownKey,
    /// Bound to a certificate that the connection does not have.
    #[error("the token belongs to another client's certificate")]
    Bound,
    /// The grant that the token was made of has ended.
    #[error("the token was revoked")]
    Revoked,
    /// The server's signing key cannot be used.
    #[error("the signing key cannot be used")]
    Key,
    /// A test principal on a store that has none.
    #[error("test principals are not enabled on this store")]
    TestPrincipal,
}
