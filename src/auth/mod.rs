//! Who may connect: shared secrets, device signatures, locality of a peer, origins of pages. Pure: nonce, clock
//! reading, and secrets arrive as values.

pub mod device;
pub mod locality;
pub mod origin;
pub mod proxy;
pub mod shared_secret;
pub mod tailscale;
