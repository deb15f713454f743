/** A small shop, for the stories of `latent-search`. */
export const PRODUCTS: readonly {
  readonly name: string;
  readonly about: string;
  readonly price: string;
}[] = [
  {name: 'Trail runners', about: 'Light shoes with a grippy sole for muddy paths', price: '€ 119'},
  {name: 'Leather boots', about: 'Sturdy footwear that keeps feet dry in winter', price: '€ 189'},
  {name: 'Wool jumper', about: 'A thick knitted pullover against the cold', price: '€ 79'},
  {name: 'Rain jacket', about: 'Waterproof and breathable, with a hood', price: '€ 129'},
  {name: 'Linen shirt', about: 'Airy cloth for hot summer days', price: '€ 59'},
  {name: 'Swimming trunks', about: 'Quick to dry after the beach or the pool', price: '€ 35'},
  {name: 'Backpack', about: 'Carries a laptop and a packed lunch', price: '€ 89'},
  {name: 'Suitcase', about: 'Hard shell on four wheels for long journeys', price: '€ 149'},
  {name: 'Two-person tent', about: 'Sleep outdoors; up in five minutes', price: '€ 219'},
  {name: 'Sleeping bag', about: 'Warm down for nights near freezing', price: '€ 159'},
  {name: 'Camping stove', about: 'Boils water anywhere on a small gas bottle', price: '€ 45'},
  {name: 'Espresso maker', about: 'Strong coffee on the hob, no electricity', price: '€ 32'},
  {name: 'Chef’s knife', about: 'A sharp blade for vegetables and meat', price: '€ 75'},
  {name: 'Cast-iron pan', about: 'Fries steaks and bakes bread for decades', price: '€ 49'},
  {name: 'Teapot', about: 'Porcelain, for four cups', price: '€ 28'},
  {name: 'Desk lamp', about: 'Bright light to read by, dims for the evening', price: '€ 54'},
  {name: 'Office chair', about: 'Supports the back through long working days', price: '€ 279'},
  {
    name: 'Noise-cancelling headphones',
    about: 'Music without the chatter of the train',
    price: '€ 249',
  },
  {name: 'Portable speaker', about: 'Loud sound for a garden party', price: '€ 99'},
  {name: 'Digital camera', about: 'Takes sharp photographs in dim light', price: '€ 549'},
  {name: 'Bicycle helmet', about: 'Protects your head in traffic', price: '€ 65'},
  {name: 'City bike', about: 'Seven gears, a basket, and lights', price: '€ 699'},
  {name: 'Yoga mat', about: 'Soft ground for stretching and exercise', price: '€ 39'},
  {name: 'Dumbbells', about: 'A pair of five-kilogram weights', price: '€ 42'},
  {name: 'Football', about: 'Stitched by hand, full size', price: '€ 25'},
  {name: 'Chess set', about: 'Wooden board and pieces for two players', price: '€ 48'},
  {name: 'Picture book', about: 'Animals of the farm, for toddlers', price: '€ 14'},
  {name: 'Wooden train', about: 'A toy with rails and three wagons', price: '€ 37'},
  {name: 'Garden hose', about: 'Twenty metres to water flowers and lawn', price: '€ 33'},
  {name: 'Toolbox', about: 'Hammer, screwdrivers, pliers and a saw', price: '€ 69'},
];
