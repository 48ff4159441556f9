//! Why TLS cannot be used: what is wrong, with which file, and what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// A file that TLS is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The certificate, with those that vouch for it.
    Certificate,
    /// The private key.
    Key,
    /// Certificates of authorities.
    Authorities,
}

/// Why TLS cannot be used. Texts for people, several lines: the problem, then its fix.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// There is no such file.
    #[error(
        "gateway tls: there is no {part} at {}\nSet {} to an existing file, or remove {}.",
        path.display(),
        part.key(),
        part.way_out()
    )]
    Missing {
        /// Which file.
        part: Part,
        /// Where it should be.
        path: PathBuf,
    },
    /// There is no certificate, and none may be made.
    #[error(
        "gateway tls: there is no certificate at {}\nSet gateway.tls.certPath and gateway.tls.keyPath, or remove \
         gateway.tls.autoGenerate=false to have one made.",
        path.display()
    )]
    MayNotMake {
        /// Where it would be made.
        path: PathBuf,
    },
    /// One of the two files of a certificate that was made here is gone.
    #[error(
        "gateway tls: {} is there, but its key {} is not\nPut the key back, or remove the certificate to have both made \
         again (clients that pinned the certificate have to pin the new one).",
        certificate.display(),
        key.display()
    )]
    KeyLost {
        /// The certificate.
        certificate: PathBuf,
        /// Where the key was.
        key: PathBuf,
    },
    /// A file cannot be read.
    #[error(
        "gateway tls: failed to read the {part} {}: {source}\nMake it readable for the user that runs the gateway, or \
         set {} to another file.",
        path.display(),
        part.key()
    )]
    Read {
        /// Which file.
        part: Part,
        /// Its path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error(
        "gateway tls: {} holds no usable {part}: {cause}\nSet {} to a PEM file ({}).",
        path.display(),
        part.key(),
        part.shape()
    )]
    Unusable {
        /// Which file.
        part: Part,
        /// Its path.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The key needs a passphrase.
    #[error(
        "gateway tls: the private key {} is encrypted, and a gateway has nobody to ask for the passphrase\n\
         Write it without one, and set gateway.tls.keyPath to that: openssl pkey -in {} -out KEY.pem",
        path.display(),
        path.display()
    )]
    Encrypted {
        /// The key.
        path: PathBuf,
    },
    /// Everybody on the machine can read the key.
    #[error(
        "gateway tls: the private key {} can be read or changed by every user of this machine (mode {mode:04o})\n\
         Take that away, then start again: chmod o-rwx {}",
        path.display(),
        path.display()
    )]
    Exposed {
        /// The key.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Key and certificate are of two pairs.
    #[error(
        "gateway tls: the private key {} does not belong to the certificate {}\nSet gateway.tls.certPath and \
         gateway.tls.keyPath to files of one pair. In a chain the gateway's own certificate comes first.",
        key.display(),
        certificate.display()
    )]
    Mismatch {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// The certificate is over.
    #[error("gateway tls: the certificate {} expired on {on}\n{}", path.display(), renewal(*made_here))]
    Expired {
        /// The certificate.
        path: PathBuf,
        /// Day of its end.
        on: String,
        /// Whether it was made here.
        made_here: bool,
    },
    /// A certificate could not be made.
    #[error("gateway tls: failed to make a certificate: {0}")]
    Make(String),
    /// A certificate that was made could not be written.
    #[error(
        "gateway tls: failed to write {}: {source}\nMake its directory writable, or set gateway.tls.certPath and \
         gateway.tls.keyPath to files that exist.",
        path.display()
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The library refuses.
    #[error("gateway tls: failed to enable: {0}")]
    Library(#[from] rustls::Error),
}

fn renewal(made_here: bool) -> &'static str {
    if made_here {
        "Remove it and the key beside it to have both made again (clients that pinned it have to pin the new one)."
    } else {
        "Renew it, or set gateway.tls.certPath and gateway.tls.keyPath to one that is valid."
    }
}

impl Part {
    /// The key of the configuration that names it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Certificate => "gateway.tls.certPath",
            Self::Key => "gateway.tls.keyPath",
            Self::Authorities => "gateway.tls.caPath",
        }
    }

    /// What to remove to do without the file.
    fn way_out(self) -> &'static str {
        match self {
            Self::Certificate | Self::Key => {
                "gateway.tls.certPath and gateway.tls.keyPath to have a certificate made"
            }
            Self::Authorities => "it when clients know the issuer of the certificate",
        }
    }

    /// What has to stand in the file.
    fn shape(self) -> &'static str {
        match self {
            Self::Certificate | Self::Authorities => "-----BEGIN CERTIFICATE-----",
            Self::Key => "-----BEGIN PRIVATE KEY-----; RSA from 2048 bits, ECDSA P-256 or P-384, or Ed25519",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "certificate",
            Self::Key => "private key",
            Self::Authorities => "authority certificate",
        })
    }
}
