// A message for a first try.
import { t } from './words.js';

export async function fillSample(compose) {
  compose.field('to').value = 'Citizen <citizen@post.example>';
  compose.field('subject').value = t('Your application for a place in day care');
  const request = t('Thank you for your application. The decision is attached. Please send us the missing income statement: you can answer safely through the link in the message that you receive.');
  const greeting = [t('Kind regards,'), t('Children and Families')].join('<br>');
  compose.editor.html = [t('Dear citizen,'), request, greeting].map((paragraph) => `<p>${paragraph}</p>`).join('');
  compose.addressed('to');
  const decision = await (await fetch('/sample/decision.pdf')).blob();
  await compose.attachments.add(decision, t('Decision') + '.pdf');
}
