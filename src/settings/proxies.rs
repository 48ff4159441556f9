//! `gateway.trustedProxies` → addresses and networks.

use super::Refusal;
use crate::auth::proxy::TrustedProxy;

/// Exit code of a start that fails again until somebody changes something.
const BLOCKED: u8 = 78;

/// Reads every entry. One that cannot be read is refused: skipped, it would silently not be trusted.
pub(super) fn resolve(configured: &[String]) -> Result<Vec<TrustedProxy>, Refusal> {
    let read = |(index, text): (usize, &String)| {
        TrustedProxy::parse(text).ok_or_else(|| Refusal {
            exit_code: BLOCKED,
            message: format!(
                "gateway.trustedProxies[{index}]: {text:?} is neither an IP address nor a network.\n\
                 Write the address that the proxy connects from, for example \"127.0.0.1\" or \"10.0.0.0/8\"."
            ),
        })
    };
    configured.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_cannot_be_read_is_refused_with_its_place() {
        let list = |texts: &[&str]| resolve(&texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
        assert_eq!(list(&["127.0.0.1", "10.0.0.0/8"]).unwrap().len(), 2);
        let refusal = list(&["127.0.0.1", "proxy.example"]).unwrap_err();
        assert_eq!(refusal.exit_code, 78);
        assert!(
            refusal.message.starts_with(
                "gateway.trustedProxies[1]: \"proxy.example\" is neither an IP address nor a network.\n"
            ),
            "{}",
            refusal.message
        );
    }
}
