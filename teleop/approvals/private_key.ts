/** How private keys look in files: of this project, PEM, OpenSSH, JWK, and PKCS #8 in base64. */
const MARKS: readonly RegExp[] = [
  /PRIVATE KEY/i,
  /private_?key/i,
  /"schema"\s*:\s*"surepick\.key"/,
  /openssh-key-v1|b3BlbnNzaC1rZXktdjE/,
  /"d"\s*:\s*"[\w-]{20,}"/,
  /MC4CAQAwBQYDK2Vw|MIG[\w+/]AgEAMB|MII[\w+/]{3}IBA[AD]/,
  /(seed|secret_?key|passphrase)"\s*:/i,
];

/** Whether a text may hold a private key, which must stay on the machine of whoever signs. Rather once too often. */
export function looksLikePrivateKey(text: string): boolean {
  const plain = unescaped(text);
  return MARKS.some((mark) => mark.test(text) || mark.test(plain));
}

/** As JSON reads escapes, so that none hides a word; without line ends within base64. */
function unescaped(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\[nrt]/g, '')
    .replace(/\\(["/\\])/g, '$1');
}
