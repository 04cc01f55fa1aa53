const longest = 300;
/** Signed links and other tokens of Holdfast. */
const tokens = /\bhf[a-z]?_[\w.-]+/g;

/** What nodemailer says of a failed connection or command. */
interface SmtpError extends Error {
  code?: string;
  originalCode?: string;
  command?: string;
  response?: string;
  responseCode?: number;
  timeoutType?: string;
}

/** What became of a mail, by what its server said. */
export interface ServerAnswer {
  /** Whether the server itself said no. */
  isAnswer: boolean;
  /** Whether the same mail will never be taken. */
  forGood: boolean;
  /** In a sentence without secrets. */
  words: string;
}

// These say that the session is not as the server wants it, not that it minds the mail: 503 bad sequence, 530 and 538
// sign in or encrypt first, 534 and 535 wrong credentials.
const ofTheSession = new Set([503, 530, 534, 535, 538]);
const ofTheMail = /^(?:MAIL FROM|RCPT TO|DATA)$/;

/** Reads what a hand-over failed with. `secrets` are left out of the words. */
export function readServerAnswer(error: unknown, secrets: string[]): ServerAnswer {
  const said: SmtpError = error instanceof Error ? error : new Error(String(error));
  const { code, command = '', response, responseCode } = said;
  const isAnswer = responseCode !== undefined && response !== undefined;
  if (isAnswer && command.startsWith('AUTH')) {
    return {
      isAnswer,
      forGood: false,
      words: `The mail server does not take the user and password of SMTP_URL: “${inWords(response, secrets)}”.`,
    };
  }
  if (isAnswer) {
    const forGood =
      responseCode >= 500 && responseCode < 600 && ofTheMail.test(command) && !ofTheSession.has(responseCode);
    return {
      isAnswer,
      forGood,
      words: `The mail server ${forGood ? 'refused the mail' : 'does not take the mail now'}: “${inWords(response, secrets)}”.`,
    };
  }
  // An address that cannot be mailed to, or a message that is larger than the server takes.
  const isImpossible = (code === 'EENVELOPE' || code === 'EMESSAGE') && /^(?:API|MAIL FROM)$/.test(command);
  if (isImpossible)
    return { isAnswer, forGood: true, words: `The mail cannot be sent: ${inWords(said.message, secrets)}.` };
  return { isAnswer, forGood: false, words: whyAway(said, secrets) };
}

function whyAway(error: SmtpError, secrets: string[]): string {
  const { code, originalCode } = error;
  if (code === 'ETLS' || /certificate/i.test(error.message))
    return `The connection to the mail server could not be encrypted: ${inWords(error.message, secrets)}.`;
  if (code === 'EDNS') return 'The mail server’s name cannot be found.';
  if (code === 'ETIMEDOUT' || originalCode === 'ETIMEDOUT') return 'The mail server did not answer in time.';
  if (originalCode === 'ECONNREFUSED') return 'The mail server takes no connections (ECONNREFUSED).';
  if (code === 'EAUTH') return `Signing in to the mail server failed: ${inWords(error.message, secrets)}.`;
  return `The connection to the mail server failed: ${inWords(error.message, secrets)}.`;
}

/** A server’s words in one line, without what nobody else should read. */
function inWords(text: string, secrets: string[]): string {
  let words = text;
  for (const secret of secrets.filter(({ length }) => length > 0)) words = words.replaceAll(secret, '…');
  words = words
    .replace(tokens, '…')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return (words.length > longest ? `${words.slice(0, longest)}…` : words).replace(/[.\s]+$/, '');
}
