//! The few facts of a certificate that the TLS library keeps to itself: names and times. Pure; trusts nothing, and
//! proves nothing.

use jiff::civil::{Date, DateTime};

/// Tags of DER.
const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0]`, the version, which the oldest certificates leave out.
const VERSION: u8 = 0xa0;

/// Facts of one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts<'a> {
    /// Name of whoever signed it, in DER.
    pub(super) issuer: &'a [u8],
    /// Its own name, in DER.
    pub(super) subject: &'a [u8],
    /// First second at which it is valid, UTC.
    pub(super) not_before: DateTime,
    /// Last second at which it is valid, UTC.
    pub(super) not_after: DateTime,
}

impl<'a> Facts<'a> {
    /// Reads a certificate in DER; `None` when it is none.
    pub(super) fn read(certificate: &'a [u8]) -> Option<Self> {
        let mut certificate = Reader(Reader(certificate).value(SEQUENCE)?);
        let mut body = Reader(certificate.value(SEQUENCE)?);
        if body.0.first() == Some(&VERSION) {
            body.value(VERSION)?;
        }
        body.value(INTEGER)?;
        // The algorithm of the signature.
        body.value(SEQUENCE)?;
        let issuer = body.value(SEQUENCE)?;
        let mut validity = Reader(body.value(SEQUENCE)?);
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        let subject = body.value(SEQUENCE)?;
        Some(Self { issuer, subject, not_before, not_after })
    }

    /// Whether it names itself as its issuer, as roots do.
    pub(super) fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }
}

/// What is left of a sequence of values.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The content of the next value, which has to have this tag.
    fn value(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (&[found, first], rest) = self.0.split_first_chunk::<2>()?;
        if found != tag {
            return None;
        }
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let bytes = usize::from(first & 0x7f);
            // Three bytes are 16 MiB.
            let (length, rest) = rest.split_at_checked(bytes).filter(|_| (1..=3).contains(&bytes))?;
            (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(content)
    }

    /// The next value as a time: `YYMMDDHHMMSSZ` with years until 2049, or `YYYYMMDDHHMMSSZ`.
    fn time(&mut self) -> Option<DateTime> {
        let is_short = self.0.first() == Some(&UTC_TIME);
        let text = self.value(if is_short { UTC_TIME } else { GENERALIZED_TIME })?;
        let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
        let (year, rest) = text.split_at_checked(if is_short { 2 } else { 4 })?;
        let year = number(year)?;
        let year = match year {
            year if !is_short => year,
            year if year < 50 => 2000 + year,
            year => 1900 + year,
        };
        let mut fields = [0_i8; 5];
        if rest.len() != fields.len() * 2 {
            return None;
        }
        for (index, field) in fields.iter_mut().enumerate() {
            *field = i8::try_from(number(rest.get(index * 2..index * 2 + 2)?)?).ok()?;
        }
        let [month, day, hour, minute, second] = fields;
        let date = Date::new(year, month, day).ok()?;
        DateTime::new(date.year(), month, day, hour, minute, second, 0).ok()
    }
}

fn number(digits: &str) -> Option<i16> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rcgen::{
        BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd,
    };

    use super::*;

    /// A root, and a certificate that it has signed.
    fn certificates() -> [Certificate; 2] {
        let mut root = CertificateParams::default();
        root.distinguished_name.push(DnType::CommonName, "root");
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // From 2050 on, years are written in full.
        root.not_after = date_time_ymd(2050, 1, 1);
        let key = KeyPair::generate().unwrap();
        let signed = root.self_signed(&key).unwrap();
        let mut leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        leaf.not_before = date_time_ymd(1999, 12, 31);
        leaf.not_after = date_time_ymd(2049, 2, 3);
        let leaf = leaf.signed_by(&KeyPair::generate().unwrap(), &Issuer::new(root, key)).unwrap();
        [signed, leaf]
    }

    #[test]
    fn names_and_times_are_read() {
        let [root, leaf] = certificates();
        let (root, leaf) = (Facts::read(root.der()).unwrap(), Facts::read(leaf.der()).unwrap());
        assert_eq!(leaf.not_before, date(1999, 12, 31).at(0, 0, 0, 0));
        assert_eq!(leaf.not_after, date(2049, 2, 3).at(0, 0, 0, 0));
        assert_eq!(root.not_after, date(2050, 1, 1).at(0, 0, 0, 0));
        assert!(root.is_self_issued() && !leaf.is_self_issued());
        assert_eq!(leaf.issuer, root.subject);
    }

    #[test]
    fn no_prefix_is_a_certificate_and_no_byte_is_fatal() {
        let [_, leaf] = certificates();
        let whole = leaf.der().as_ref();
        for length in 0..whole.len() {
            assert_eq!(Facts::read(&whole[..length]), None, "{length} bytes");
        }
        for index in 0..whole.len() {
            for value in [0x00, 0x17, 0x18, 0x30, 0x7f, 0x80, 0x84, 0xff] {
                let mut changed = whole.to_vec();
                changed[index] = value;
                let _ = Facts::read(&changed);
            }
        }
    }
}
