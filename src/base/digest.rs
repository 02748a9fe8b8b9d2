//! Digests that tell whether two inputs are the same: for repeating a run, not against forgery.

/// FNV-1a with 64 bits (Fowler, Noll & Vo; RFC 9923), of all bytes given so far.
#[derive(Debug, Clone, Copy)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut digest = Self::default();
        digest.add(bytes);
        digest
    }

    pub fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// As a number.
    #[must_use]
    pub fn value(self) -> u64 {
        self.0
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "fnv1a64:{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test vectors of the authors.
    #[test]
    fn agrees_with_the_published_vectors() {
        assert_eq!(Digest::of(b"").to_string(), "fnv1a64:cbf29ce484222325");
        assert_eq!(Digest::of(b"a").to_string(), "fnv1a64:af63dc4c8601ec8c");
        assert_eq!(Digest::of(b"foobar").to_string(), "fnv1a64:85944171f73967e8");
    }
}
