// English → Danish, Norwegian Bokmål, Dutch, Swedish, German.
export const order = ['da', 'nb', 'nl', 'sv', 'de'];

export const catalogue = {
};
