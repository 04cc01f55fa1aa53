import { seededNumbers } from './seededNumbers.js';

/** Words of one language each, so that every kind of script is met in names, files and rows. */
export const SCRIPTS = {
  english: [
    'garden',
    'season',
    'delivery',
    'careful',
    'wooden',
    'handle',
    'weather',
    'return',
    'colour',
    'bench',
  ],
  german: ['Größe', 'Maß', 'Lieferung', 'Öl', 'süß', 'Gärtner', 'Möbel', 'außen', 'Straße', 'Übergabe'],
  french: ['été', 'forêt', 'naïf', 'cœur', 'façade', 'à côté', 'mûr', 'goûter', 'Noël', 'déjà'],
  greek: ['κήπος', 'ξύλο', 'νερό', 'ήλιος', 'χρώμα', 'παράδοση', 'μέγεθος', 'φύλλο', 'άνοιξη', 'τιμή'],
  russian: ['сад', 'дерево', 'вода', 'солнце', 'цвет', 'доставка', 'размер', 'лист', 'весна', 'цена'],
  chinese: ['花园', '木头', '水', '太阳', '颜色', '送货', '尺寸', '叶子', '春天', '价格'],
  japanese: ['庭', '木材', '水やり', '太陽', 'いろ', '配送', 'サイズ', '葉っぱ', '春', '値段'],
  arabic: ['حديقة', 'خشب', 'ماء', 'شمس', 'لون', 'توصيل', 'مقاس', 'ورقة', 'ربيع', 'سعر'],
  hindi: ['बगीचा', 'लकड़ी', 'पानी', 'सूरज', 'रंग', 'आकार', 'पत्ता', 'वसंत', 'दाम', 'फूल'],
  emoji: ['🌱', '🪴', '🧑🏽‍🌾', '🌻', '💧', '🏡', '📦', '✅', '🇪🇺', '🐝'],
} as const;

/** The names of the languages in a fixed order. */
export const LANGUAGES = Object.keys(SCRIPTS) as [keyof typeof SCRIPTS, ...(keyof typeof SCRIPTS)[]];

/** Some paragraphs in one language, each ending in a line break; the same for the same name everywhere. */
export function paragraphs(name: string, language: keyof typeof SCRIPTS, count: number): string {
  const numbers = seededNumbers(`text:${name}`);
  const lines = Array.from({ length: count }, () => {
    const words = Array.from({ length: 20 + numbers.below(40) }, () => numbers.pick(SCRIPTS[language]));
    return `${words.join(' ')}.\n`;
  });
  return lines.join('\n');
}
