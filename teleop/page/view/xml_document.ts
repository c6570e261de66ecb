interface TextPolicy {
  createHTML(text: string): string;
}

/** The part of the browser's Trusted Types used here; what the policy makes stands where a text is asked for. */
interface TextPolicies {
  createPolicy(name: string, rules: TextPolicy): TextPolicy;
}

declare global {
  var trustedTypes: TextPolicies | undefined;
}

/** To be named in the page's Content-Security-Policy: `trusted-types surepick-xml`. */
export const XML_POLICY = 'surepick-xml';

let policy: TextPolicy | null = null;

/** Text for an XML parser, which makes inert nodes of it that never become part of the page. */
export function trustedXml(text: string): string {
  policy ??= globalThis.trustedTypes?.createPolicy(XML_POLICY, { createHTML: (xml) => xml }) ?? {
    createHTML: (xml) => xml,
  };
  return policy.createHTML(text);
}

/** @throws Error where the text is no XML, with what the browser's parser says */
export function parseXml(text: string): Document {
  const parsed = new DOMParser().parseFromString(trustedXml(text), 'text/xml');
  const fault = parsed.querySelector('parsererror');
  if (fault !== null) throw new Error(`the robot's description is no XML: ${fault.textContent ?? ''}`);
  return parsed;
}
