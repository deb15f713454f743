import vue from '@vitejs/plugin-vue';

const compilerOptions = {isCustomElement: (tag) => tag.startsWith('latent-')};

export default {plugins: [vue({template: {compilerOptions}})]};
