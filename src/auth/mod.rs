//! Who may connect: shared secrets, device signatures, locality of a peer. Pure: nonce, clock reading, and
//! secrets arrive as values.

pub mod shared_secret;
