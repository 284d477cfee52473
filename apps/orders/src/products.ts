export interface Product {
  readonly name: string;
  /** In cents. */
  readonly price: number;
}

/** The products of the shop, by their keys. */
export const products: Readonly<Record<string, Product>> = {
  kettle: { name: 'Gooseneck kettle', price: 6900 },
  grinder: { name: 'Hand grinder', price: 11900 },
  dripper: { name: 'Ceramic dripper', price: 2400 },
  filters: { name: 'Paper filters, 100 pieces', price: 650 },
  beans: { name: 'Espresso beans, 1 kg', price: 2850 },
};
