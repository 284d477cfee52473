export type { ComposedMail } from './compose-mail.ts';
export {
  MailDeliveryError,
  MailerConfigError,
  MailMessageError,
  UnsentMailError,
  type DeliveryFailure,
  type FailedDelivery,
  type UnsentMail,
} from './errors.ts';
export { FileMailer, type FileMailerSettings } from './file-mailer.ts';
export type {
  MailAddress,
  MailAddresses,
  MailAttachment,
  MailDefaults,
  MailMessage,
  RefusedRecipient,
  SentMail,
} from './mail-message.ts';
export { MailerComponent } from './mailer-component.ts';
export { Mailer, type MailerSettings } from './mailer.ts';
export { MemoryMailer } from './memory-mailer.ts';
export { smtpDefaults, SmtpMailer, type SmtpMailerSettings, type SmtpTls } from './smtp-mailer.ts';
