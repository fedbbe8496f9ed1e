/**
 * Where a secret is kept from whoever reads the disk. The file that holds the sealed secret is readable by this user only
 * in any case; what a vault adds is up to the shell: the system's key ring where there is one.
 */
export interface Vault {
  /** Written beside what it sealed: another vault must not try to open it. */
  readonly name: string
  seal(secret: Uint8Array): Uint8Array
  /** Null: it is not ours, or the key ring is locked. */
  open(sealed: Uint8Array): Uint8Array | null
}

/** Adds nothing: the secret is as safe as the file's mode (0600). For machines without a person in front of them. */
export const fileVault: Vault = {
  name: 'file',
  seal: (secret) => secret,
  open: (sealed) => sealed,
}
